/// One step of building the sandbox's file system; the steps are taken in order, later ones over earlier
/// ones.
package enum SandboxMount: Hashable, Sendable {
    case readOnly(String, at: String)
    /// Skipped when the source does not exist.
    case readOnlyIfPresent(String, at: String)
    case writable(String, at: String)
    case link(String, at: String)
    case directory(at: String)
    case processes(at: String)
    case devices(at: String)
    case memory(at: String, bytesMax: UInt64, mode: String)
    /// A file with this text, made for the sandbox and readable by all.
    case file(at: String, text: String)
    /// An empty device instead of the file that is there.
    case hiddenFile(at: String)
    /// An empty folder, which cannot be written, instead of the one that is there.
    case hiddenDirectory(at: String)
    /// No writing to this mount any more; the mounts below it stay as they are.
    case sealed(at: String)

    /// The options of bwrap that say so. `fileDescriptor` hands out the number under which a generated file
    /// is passed.
    func options(fileDescriptor: () -> Int32) -> [String] {
        switch self {
        case .readOnly(let source, let place): ["--ro-bind", source, place]
        case .readOnlyIfPresent(let source, let place): ["--ro-bind-try", source, place]
        case .writable(let source, let place): ["--bind", source, place]
        case .link(let target, let place): ["--symlink", target, place]
        case .directory(let place): ["--dir", place]
        case .processes(let place): ["--proc", place]
        case .devices(let place): ["--dev", place]
        case .memory(let place, let bytesMax, let mode):
            ["--perms", mode, "--size", String(bytesMax), "--tmpfs", place]
        case .file(let place, _): ["--perms", "0444", "--file", String(fileDescriptor()), place]
        case .hiddenFile(let place): ["--ro-bind", "/dev/null", place]
        case .hiddenDirectory(let place):
            ["--perms", "0555", "--size", "4096", "--tmpfs", place, "--remount-ro", place]
        case .sealed(let place): ["--remount-ro", place]
        }
    }
}
