import Glibc

extension ControlGroups {
    /// Makes a group with these limits and nobody in it. It is named for this process: one whose maker is
    /// gone is a leftover.
    package func make(_ limits: ControlGroup.Limits) throws(SystemError) -> ControlGroup {
        let name = "\(try Maker.ofThisProcess().text).\(RandomBytes.hex(count: 4))"
        let group = ControlGroup(version: version, folders: folders.mapValues { "\($0)/\(name)" })
        do throws(SystemError) {
            for path in group.paths { try Files.makeDirectory(path, mode: 0o755) }
            try group.set(limits)
            return group
        } catch {
            // Not a cause lost: what is left of it has no process in it, and the next sweep takes it.
            _ = try? group.remove()
            throw error
        }
    }

    /// Kills and removes the groups whose makers are gone; answers how many there were.
    package func sweep() throws(SystemError) -> Int {
        var names: Set<String> = []
        for folder in Set(folders.values) {
            names.formUnion(try Files.list(folder).filter { Files.isDirectory("\(folder)/\($0)") })
        }
        var swept = 0
        for name in names.sorted() {
            guard let maker = Maker(name), try !maker.mayLive() else { continue }
            let group = ControlGroup(version: version, folders: folders.mapValues { "\($0)/\(name)" })
            try group.kill()
            if try group.remove() { swept += 1 }
        }
        return swept
    }

    /// The process that made a group, told from any other that has its number later or elsewhere.
    struct Maker: Hashable, Sendable {
        /// The inode of the namespace in which the number counts.
        var namespace: UInt64
        var pid: Int32
        /// In clock ticks since the machine began, see proc(5).
        var startTime: UInt64

        static func ofThisProcess() throws(SystemError) -> Maker {
            let pid = getpid()
            guard let stat = try ProcessTree.Stat.read(process: pid) else {
                throw SystemError(code: ESRCH, call: "read", subject: "/proc/\(pid)/stat")
            }
            return Maker(namespace: try ownNamespace(), pid: pid, startTime: stat.start)
        }

        init(namespace: UInt64, pid: Int32, startTime: UInt64) {
            self.namespace = namespace
            self.pid = pid
            self.startTime = startTime
        }

        /// Reads the name of a group; nil: it is not one of ours.
        init?(_ name: String) {
            let fields = name.split(separator: ".", omittingEmptySubsequences: false)
            guard fields.count == 4, let namespace = UInt64(fields[0]), let pid = Int32(fields[1]), pid > 0,
                let startTime = UInt64(fields[2])
            else { return nil }
            self.init(namespace: namespace, pid: pid, startTime: startTime)
        }

        var text: String { "\(namespace).\(pid).\(startTime)" }

        /// Whether it lives, or lives where this process cannot look.
        func mayLive() throws(SystemError) -> Bool {
            guard try Self.ownNamespace() == namespace else { return true }
            return try ProcessTree.Stat.read(process: pid)?.start == startTime
        }

        private static func ownNamespace() throws(SystemError) -> UInt64 {
            // `pid:[4026531836]`
            let name = try Files.linkTarget("/proc/self/ns/pid")
            guard let number = UInt64(name.filter { $0 >= "0" && $0 <= "9" }) else {
                throw SystemError(code: EINVAL, call: "readlink", subject: "/proc/self/ns/pid")
            }
            return number
        }
    }
}
