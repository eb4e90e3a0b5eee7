import Glibc
package import Linux

/// Which copy a toolchain's state of one moment has; when the file was touched last is when it was used.
struct ToolchainRecord: Hashable {
    static let draftPrefix = "draft-"
    private static let bytesMax = 16 << 10

    var digest: String
    var source: String

    init(digest: String, source: String) {
        self.digest = digest
        self.source = source
    }

    /// nil: there is none, or none that can be understood.
    init?(at path: String) throws(SystemError) {
        guard Files.exists(path) else { return nil }
        let lines = try Files.readText(path, bytesMax: Self.bytesMax)
            .split(separator: "\n", maxSplits: 1).map(String.init)
        guard lines.count == 2, Self.isDigest(lines[0]) else { return nil }
        (digest, source) = (lines[0], lines[1])
    }

    func write(to path: String) throws(SystemError) {
        try Files.writeAtomically(path, text: "\(digest)\n\(source)")
    }

    static func markUsed(_ path: String) {
        // Only when it is swept depends on it.
        utimensat(AT_FDCWD, path, nil, 0)
    }

    static func isDigest(_ name: String) -> Bool {
        name.utf8.count == 64 && name.allSatisfy { $0.isHexDigit && !$0.isUppercase }
    }
}

extension ToolchainMirror {
    /// How long a copy is kept that nobody uses: longer than any session lasts.
    package static let unusedSecondsMax = 7 * 86_400
    /// The same for one whose source has another copy by now, such as a package cache that grew.
    package static let supersededSecondsMax = 86_400

    /// Removes what nobody has used for long, and what a crash left behind; answers the names of what went.
    ///
    /// - Parameter now: seconds since 1970.
    package func sweep(now: Int) throws(SystemError) -> [String] {
        guard Files.isDirectory(folder) else { return [] }
        var kept: Set<String> = []
        let known = folder + "/known"
        let uses = try Files.isDirectory(known) ? Self.uses(in: known) : []
        for use in uses {
            let isSuperseded = uses.contains { $0.record.source == use.record.source && $0.used > use.used }
            let limit = isSuperseded ? Self.supersededSecondsMax : Self.unusedSecondsMax
            if now - use.used <= limit {
                kept.insert(use.record.digest)
            } else {
                try Files.removeFile(use.path)
            }
        }
        var removed: [String] = []
        for name in try Files.list(folder) where !kept.contains(name) {
            guard ToolchainRecord.isDigest(name) || name.hasPrefix(ToolchainRecord.draftPrefix) else {
                continue
            }
            // One that is being made, or was just made and is not written down yet.
            let changed = try Files.status(of: "\(folder)/\(name)").st_ctim.tv_sec
            guard now - changed > Self.supersededSecondsMax else { continue }
            try Files.removeTree("\(folder)/\(name)")
            removed.append(name)
        }
        return removed
    }

    private static func uses(in folder: String) throws(SystemError)
        -> [(path: String, record: ToolchainRecord, used: Int)]
    {
        var uses: [(path: String, record: ToolchainRecord, used: Int)] = []
        for name in try Files.list(folder) where ToolchainRecord.isDigest(name) {
            let path = "\(folder)/\(name)"
            guard let record = try ToolchainRecord(at: path) else { continue }
            uses.append((path, record, try Files.status(of: path).st_mtim.tv_sec))
        }
        return uses
    }
}
