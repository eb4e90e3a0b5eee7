/// Checks of paths before they become mounts.
enum ShownPath {
    /// Places the sandbox makes itself; nothing of the host is shown in or over them.
    private static let ownPlaces = ["/proc", "/sys", "/dev", "/run"]
    /// Too wide to be shown: each holds what an agent must not see, or what the sandbox makes.
    private static let tooWide: Set<String> = [
        "/", "/etc", "/home", "/root", "/tmp", "/var", "/mnt", "/media", "/boot", "/srv",
    ]

    /// The path of something that keeps its place inside.
    static func check(_ path: String) throws(SandboxError) {
        try checkSource(path)
        if tooWide.contains(path) { throw .pathRefused(path: path, reason: "it is too wide") }
        for place in ownPlaces where contains(place, path) {
            throw .pathRefused(path: path, reason: "\(place) is made by the sandbox itself")
        }
    }

    /// The path of something that gets another place inside.
    static func checkSource(_ path: String) throws(SandboxError) {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw .pathRefused(path: path, reason: "it is not an absolute path")
        }
        if path == "/" { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw .pathRefused(path: path, reason: "it is not normalised")
        }
    }

    /// True for the folder itself and everything below it.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || folder == "/" || path.hasPrefix(folder + "/")
    }
}
