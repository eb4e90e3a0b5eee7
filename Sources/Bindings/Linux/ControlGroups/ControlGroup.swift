import Glibc

/// A group of processes that the kernel counts and limits together. Whoever makes one removes it.
package struct ControlGroup: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        package var processesMax: UInt64
        package var memoryBytesMax: UInt64
        /// The share of the processors where they are wanted by more than there are; 100 is what a group has
        /// by itself.
        package var cpuWeight: UInt64
        /// The most processors at once, in thousandths; nil: all.
        package var milliCPUsMax: UInt64?
        package init(processesMax: UInt64, memoryBytesMax: UInt64, cpuWeight: UInt64, milliCPUsMax: UInt64?) {
            self.processesMax = processesMax
            self.memoryBytesMax = memoryBytesMax
            self.cpuWeight = cpuWeight
            self.milliCPUsMax = milliCPUsMax
        }
    }

    package let version: ControlGroups.Version
    /// The group's folder, for each controller.
    let folders: [ControlGroups.Controller: String]

    /// The group's folders, each once: one, or one in each hierarchy.
    package var paths: [String] { Set(folders.values).sorted() }

    /// A way into a group that does not make the whole machine wait.
    package enum Entrance: Hashable, Sendable {
        /// Of version one: a process with a single thread writes `0` into this file.
        case tasks(file: String)
        /// Of version two: a process is made in this folder by clone3(2) with CLONE_INTO_CGROUP.
        case folder(String)
    }

    package var entrances: [Entrance] {
        switch version {
        case .one: paths.map { .tasks(file: "\($0)/tasks") }
        case .two: paths.map { .folder($0) }
        }
    }

    package func contains(controller: String) -> Bool {
        folders.keys.contains { $0.rawValue == controller }
    }

    /// The processes in the group, as this process numbers them.
    package func members() throws(SystemError) -> [Int32] {
        var members: Set<Int32> = []
        for path in paths {
            do throws(SystemError) {
                let text = try Files.readText("\(path)/cgroup.procs", bytesMax: Self.textBytesMax)
                members.formUnion(text.split(separator: "\n").compactMap { Int32($0) })
            } catch {
                // ENODEV: the group was removed while it was read.
                guard error.isNotFound || error.code == ENODEV else { throw error }
            }
        }
        return members.filter { $0 > 0 }.sorted()
    }

    /// How many of its processes the kernel has ended because the group had no memory left.
    package func memoryKills() -> Int {
        guard let folder = folders[.memory] else { return 0 }
        let file = version == .two ? "memory.events" : "memory.oom_control"
        // Not a cause lost: the file of a group that is gone counts nothing.
        guard let text = try? Files.readText("\(folder)/\(file)", bytesMax: 4 << 10) else { return 0 }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill", let count = Int(words[1]) { return count }
        }
        return 0
    }

    /// Kills every process of the group; what it is still forking among them.
    package func kill() throws(SystemError) {
        if version == .two, let path = paths.first, access("\(path)/cgroup.kill", W_OK) == 0 {
            return try Self.write("1", to: "\(path)/cgroup.kill")
        }
        for _ in 0..<Self.killRoundsMax {
            let members = try members()
            if members.isEmpty { return }
            // A number may be a stranger's by now: killed is who had it, with its start, while in the group.
            var starts: [Int32: UInt64] = [:]
            for pid in members { starts[pid] = try ProcessTree.Stat.read(process: pid)?.start }
            for pid in try self.members() {
                guard let start = starts[pid] else { continue }
                _ = try ProcessTree.signal(SIGKILL, to: ProcessTree.Member(pid: pid, start: start))
            }
            usleep(Self.pauseMicroseconds)
        }
    }

    /// Removes the group; false while processes are in it.
    package func remove() throws(SystemError) -> Bool {
        for path in paths where rmdir(path) != 0 {
            if errno == EBUSY { return false }
            if errno != ENOENT { throw SystemError(call: "rmdir", subject: path) }
        }
        return true
    }

    private static let textBytesMax = 4 << 20
    private static let killRoundsMax = 500
    private static let pauseMicroseconds: UInt32 = 2000

    /// The kernel takes each value in one write.
    static func write(_ value: String, to path: String) throws(SystemError) {
        let file = try Descriptor.open(path, flags: O_WRONLY)
        defer { file.close() }
        let bytes = Array(value.utf8)
        _ = try file.withRawValue("write") { number throws(SystemError) in
            try retrying("write", path) {
                bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            }
        }
    }
}

extension ControlGroup {
    func set(_ limits: Limits) throws(SystemError) {
        func write(
            _ value: some CustomStringConvertible, _ controller: ControlGroups.Controller, _ file: String
        )
            throws(SystemError)
        {
            guard let folder = folders[controller] else { return }
            try Self.write("\(value)", to: "\(folder)/\(file)")
        }
        /// One that this kernel was built or started without.
        func writeIfThere(
            _ value: some CustomStringConvertible, _ controller: ControlGroups.Controller, _ file: String
        ) throws(SystemError) {
            guard let folder = folders[controller], Files.exists("\(folder)/\(file)") else { return }
            try write(value, controller, file)
        }
        try write(limits.processesMax, .pids, "pids.max")
        let quota = limits.milliCPUsMax.map { $0 * Self.periodMicroseconds / 1000 }
        switch version {
        case .two:
            try write(limits.memoryBytesMax, .memory, "memory.max")
            try writeIfThere(0, .memory, "memory.swap.max")
            try writeIfThere(limits.cpuWeight, .cpu, "cpu.weight")
            if let quota { try writeIfThere("\(quota) \(Self.periodMicroseconds)", .cpu, "cpu.max") }
        case .one:
            try write(limits.memoryBytesMax, .memory, "memory.limit_in_bytes")
            try writeIfThere(limits.memoryBytesMax, .memory, "memory.memsw.limit_in_bytes")
            try writeIfThere(max(2, limits.cpuWeight * Self.sharesOfWeight100 / 100), .cpu, "cpu.shares")
            if let quota {
                try writeIfThere(Self.periodMicroseconds, .cpu, "cpu.cfs_period_us")
                try writeIfThere(quota, .cpu, "cpu.cfs_quota_us")
            }
        }
    }

    private static let periodMicroseconds: UInt64 = 100_000
    /// What a group of version one has by itself.
    private static let sharesOfWeight100: UInt64 = 1024
}
