import Glibc

/// Looks whether another uid could reach a path, before bwrap says so in fewer words.
enum Reachability {
    static func check(_ source: SandboxPlan.Source, uid: UInt32?) throws(SandboxError) {
        var status = stat()
        guard stat(source.path, &status) == 0 else {
            throw .pathMissing(path: source.path, what: source.what)
        }
        guard let uid, let blocked = obstacle(on: source.path, for: uid) else { return }
        throw .pathNotTraversable(path: source.path, blockedAt: blocked, uid: uid)
    }

    /// The first folder above a path that a uid (with the gid of the same number and no other) may not pass
    /// through; nil when there is none. Only permission bits are read: a list that grants more is not
    /// believed.
    static func obstacle(on path: String, for uid: UInt32) -> String? {
        var folder = ""
        var status = stat()
        for part in [""] + path.split(separator: "/").dropLast().map(String.init) {
            folder = part.isEmpty ? "/" : folder == "/" ? "/" + part : folder + "/" + part
            guard stat(folder, &status) == 0 else { return folder }
            let bit: mode_t = status.st_uid == uid ? 0o100 : status.st_gid == uid ? 0o010 : 0o001
            if status.st_mode & bit == 0 { return folder }
        }
        return nil
    }
}
