/// What a sandbox used too much of, so that it was ended.
package enum ResourceExcess: Hashable, Sendable {
    case memory(bytesMax: UInt64)
    case disk(bytesMax: UInt64)
    case files(max: UInt64)
    case temporaryFiles(folder: String, max: UInt64)
    /// Nobody could tell any more what it uses.
    case unmeasurable(reason: String)

    /// A sentence that begins with whatever was run.
    package var sentence: String {
        switch self {
        case .memory(let bytes): "It used more than \(Self.amount(bytes)) of memory."
        case .disk(let bytes): "It wrote more than \(Self.amount(bytes)) to the disk."
        case .files(let count): "It made more than \(count) files."
        case .temporaryFiles(let folder, let count): "It made more than \(count) files in \(folder)."
        case .unmeasurable(let reason): "What it uses cannot be measured any more: \(reason)."
        }
    }

    private static func amount(_ bytes: UInt64) -> String {
        bytes >= 1 << 30 && bytes % (1 << 30) == 0 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }
}
