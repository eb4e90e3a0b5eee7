import Fixtures
import Glibc
import Testing

@testable import Linux

@Suite("Control groups", .timeLimit(.minutes(10)))
struct ControlGroupTests {
    /// Of a container of version two.
    private static let mounts = """
        22 1 0:20 / /proc rw - proc proc rw
        30 22 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate

        """

    @Test("of version two may lie below our own group, beside it, or at the top")
    func unifiedPlaces() {
        let found = ControlGroupHierarchy.all(mounts: Self.mounts, own: "0::/user.slice/a.scope\n")
        #expect(
            found == [
                ControlGroupHierarchy(
                    mountPoint: "/sys/fs/cgroup", isUnified: true, controllers: [],
                    places: [
                        "/sys/fs/cgroup/user.slice/a.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup",
                    ])
            ])
    }

    @Test("of version one lie below our own group of each controller, seen through a container's mount")
    func splitPlaces() {
        let mounts = """
            40 30 0:30 /docker/7 /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            41 30 0:31 / /sys/fs/cgroup/my\\040pids rw - cgroup cgroup rw,pids

            """
        let found = ControlGroupHierarchy.all(
            mounts: mounts, own: "5:pids:/../other\n4:cpu,cpuacct:/docker/7/below\n")
        #expect(
            found.map(\.places) == [
                ["/sys/fs/cgroup/cpu,cpuacct/below", "/sys/fs/cgroup/cpu,cpuacct"],
                ["/sys/fs/cgroup/my pids"],
            ])
        #expect(found.map(\.controllers) == [["cpu", "cpuacct"], ["pids"]])
    }

    @Test("are absent, with the reason, where none is mounted")
    func none() {
        let absence = #expect(throws: ControlGroups.Absence.self) {
            try ControlGroups.find(name: "g", mounts: "", own: "0::/\n")
        }
        #expect(absence?.description == "no cgroup file system is mounted")
    }

    @Test("of version two are made where the controllers are, which are passed on, and get all limits")
    func unifiedLimits() async throws {
        try await withTemporaryFolder { folder in
            // The kernel's files, as a folder: this machine may have the other version.
            for group in ["", "slice/", "slice/own/", "slice/g/"] {
                try folder.write(
                    "cg/\(group)cgroup.subtree_control", group.isEmpty ? "cpu memory pids\n" : "")
                try folder.write("cg/\(group)cgroup.procs", "")
            }
            try folder.write("cg/slice/own/cgroup.controllers", "memory\n")
            try folder.write("cg/slice/cgroup.controllers", "cpuset cpu memory pids\n")
            let groups = try ControlGroups.find(
                name: "g", mounts: "30 22 0:27 / \(folder.path("cg")) rw - cgroup2 cgroup2 rw\n",
                own: "0::/slice/own\n")
            let place = folder.path("cg/slice/g")
            #expect(groups.version == .two)
            #expect(groups.folders == [.pids: place, .memory: place, .cpu: place])
            // Each word is one write, the last one over the others in a plain file.
            for parent in [folder.path("cg/slice"), place] {
                let asked = try Files.readText(parent + "/cgroup.subtree_control", bytesMax: 99)
                #expect(asked.hasPrefix("+cpu"))
            }

            let group = ControlGroup(version: .two, folders: groups.folders)
            for name in ["pids.max", "memory.max", "memory.swap.max", "cpu.weight", "cpu.max"] {
                try folder.write("cg/slice/g/\(name)", "")
            }
            try group.set(.init(processesMax: 9, memoryBytesMax: 1 << 20, cpuWeight: 50, milliCPUsMax: 1500))
            let values = try ["pids.max", "memory.max", "memory.swap.max", "cpu.weight", "cpu.max"].map {
                try Files.readText("\(place)/\($0)", bytesMax: 99)
            }
            #expect(values == ["9", "1048576", "0", "50", "150000 100000"])
            try folder.write("cg/slice/g/memory.events", "oom 3\noom_kill 2\n")
            #expect(group.memoryKills() == 2)
        }
    }

    @Test(
        "count, kill and remove what is in them",
        .enabled(if: ControlGroupScene.isPossible, "there is nowhere to make control groups"))
    func wholeLife() async throws {
        let scene = try ControlGroupScene()
        let groups = scene.groups
        defer { scene.remove() }
        let group = try groups.make(
            .init(processesMax: 3, memoryBytesMax: 64 << 20, cpuWeight: 50, milliCPUsMax: 500))
        let shell = try ControlGroupScene.start(in: group, "while :; do :; done")
        #expect(try group.members() == [shell])

        #expect(try !group.remove())
        try group.kill()
        #expect(waitpid(shell, nil, 0) == shell)
        try await wait(until: { try group.remove() })
        #expect(group.paths.allSatisfy { !Files.exists($0) })
    }

    @Test(
        "let no more processes begin than they may hold",
        .enabled(if: ControlGroupScene.isPossible, "there is nowhere to make control groups"))
    func processes() async throws {
        let scene = try ControlGroupScene()
        let groups = scene.groups
        defer { scene.remove() }
        let group = try groups.make(
            .init(processesMax: 3, memoryBytesMax: 64 << 20, cpuWeight: 50, milliCPUsMax: nil))
        let shell = try ControlGroupScene.start(
            in: group, "sleep 1000 & sleep 1000 & sleep 1000")
        // dash gives up when it cannot fork.
        #expect(waitpid(shell, nil, 0) == shell)
        #expect(try group.members().count == 2)
        try group.kill()
        try await wait(until: { try group.remove() })
    }

    @Test(
        "whose maker is gone are swept, with all in them; those of a living one stay",
        .enabled(if: ControlGroupScene.isPossible, "there is nowhere to make control groups"))
    func swept() async throws {
        let scene = try ControlGroupScene()
        let groups = scene.groups
        defer { scene.remove() }
        let limits = ControlGroup.Limits(
            processesMax: 9, memoryBytesMax: 64 << 20, cpuWeight: 50, milliCPUsMax: nil)
        let own = try groups.make(limits)
        // This process began at another time, so the maker is another.
        var maker = try ControlGroups.Maker.ofThisProcess()
        maker.startTime -= 1
        let name = "\(maker.text).0badcafe"
        let left = ControlGroup(
            version: groups.version, folders: groups.folders.mapValues { "\($0)/\(name)" })
        for path in left.paths { try Files.makeDirectory(path) }
        maker.namespace += 1
        let elsewhere = ControlGroup(
            version: groups.version, folders: groups.folders.mapValues { "\($0)/\(maker.text).0badcafe" })
        for path in elsewhere.paths { try Files.makeDirectory(path) }
        let shell = try ControlGroupScene.start(in: left, "sleep 1000")

        _ = try groups.sweep()
        #expect(waitpid(shell, nil, 0) == shell)
        try await wait(until: {
            _ = try groups.sweep()
            return left.paths.allSatisfy { !Files.exists($0) }
        })
        #expect(own.paths.allSatisfy { Files.exists($0) })
        #expect(elsewhere.paths.allSatisfy { Files.exists($0) })
        #expect(try own.remove() && elsewhere.remove())
    }
}

private struct ControlGroupScene {
    static var isPossible: Bool {
        guard let scene = try? ControlGroupScene() else { return false }
        scene.remove()
        return true
    }

    let groups: ControlGroups

    /// A folder for groups of its own.
    init() throws { groups = try ControlGroups.find(name: "graftwork-test-\(RandomBytes.hex(count: 6))") }

    func remove() { for folder in Set(groups.folders.values) { rmdir(folder) } }

    /// Starts a shell in a group; the caller reaps it.
    static func start(in group: ControlGroup, _ script: String) throws -> pid_t {
        let enter = group.paths.map { "echo 0 > '\($0)/cgroup.procs'" }.joined(separator: " && ")
        var pid: pid_t = 0
        let arguments = ["/bin/sh", "-c", "{ \(enter); } || exit 1; echo in; \(script)"]
        let (reading, writing) = try Descriptor.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        try writing.withRawValue("dup2") { _ = posix_spawn_file_actions_adddup2(&actions, $0, 1) }
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&pid, "/bin/sh", &actions, nil, &words, environ) == 0 else {
            throw SystemError(call: "posix_spawn", subject: "/bin/sh")
        }
        writing.close()
        var byte: UInt8 = 0
        let count = try reading.withRawValue("read") { read($0, &byte, 1) }
        reading.close()
        guard count == 1 else { throw SystemError(code: EIO, call: "read", subject: "the shell's output") }
        return pid
    }
}
