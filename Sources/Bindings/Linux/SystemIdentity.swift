import Glibc

/// Who and where this process is.
package enum SystemIdentity {
    package static var effectiveUID: UInt32 { geteuid() }
    package static var isRoot: Bool { geteuid() == 0 }
    package static var pid: Int32 { getpid() }

    /// The home of the effective user as the user database says; `HOME` where it says nothing.
    package static var homeDirectory: String {
        account(of: geteuid())?.home ?? environment["HOME"] ?? "/"
    }

    package static var userName: String {
        account(of: geteuid())?.name ?? String(geteuid())
    }

    /// The absolute path of the program that runs.
    package static var executablePath: String {
        get throws(SystemError) { try Files.linkTarget("/proc/self/exe") }
    }

    package static var currentDirectory: String {
        get throws(SystemError) {
            guard let path = getcwd(nil, 0) else { throw SystemError(call: "getcwd", subject: "") }
            defer { free(path) }
            return String(cString: path)
        }
    }

    /// The environment the process was started with.
    package static var environment: [String: String] {
        var result: [String: String] = [:]
        var entry = Glibc.environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return result
    }

    /// An account of the user database.
    package struct Account: Hashable, Sendable {
        package let name: String
        package let uid: UInt32
        package let gid: UInt32
        package let home: String
    }

    package static func account(of uid: UInt32) -> Account? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return account(entry)
    }

    /// Whether the user database has a group of this number.
    package static func isGroup(_ gid: UInt32) -> Bool {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        // A group with more members than fit there is one, too.
        let code = getgrgid_r(gid, &entry, &buffer, buffer.count, &found)
        return code == ERANGE || code == 0 && found != nil
    }

    package static func account(named name: String) -> Account? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return account(entry)
    }

    /// The ids that `/etc/subuid` and `/etc/subgid` promise to somebody's containers.
    package static func subordinateIDs() -> [Range<UInt32>] {
        ["/etc/subuid", "/etc/subgid"].flatMap { path in
            // Not a cause lost: without the file nothing is promised.
            ((try? Files.readText(path, bytesMax: 1 << 20)) ?? "").split(separator: "\n").compactMap { line in
                let fields = line.split(separator: ":", omittingEmptySubsequences: false)
                guard fields.count == 3, let start = UInt32(fields[1]), let count = UInt32(fields[2]) else {
                    return nil
                }
                return start..<start + min(count, .max - start)
            }
        }
    }

    private static func account(_ entry: passwd) -> Account? {
        guard let name = entry.pw_name, let home = entry.pw_dir else { return nil }
        return Account(
            name: String(cString: name), uid: entry.pw_uid, gid: entry.pw_gid, home: String(cString: home))
    }
}
