import ChildProcess
import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("Files that no tool likes") struct HostileFilesTests {
    /// Makes a file by its very bytes.
    private static func make(_ name: [UInt8], in folder: String, _ text: String) {
        let path = Array("\(folder)/".utf8) + name + [0]
        let file = path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { open($0, O_WRONLY | O_CREAT, 0o644) } ?? -1
        }
        #expect(file >= 0)
        _ = write(file, text, text.utf8.count)
        close(file)
    }

    /// Every byte a name may hold, alone, at the end of a file's and in a folder's; and names that differ by
    /// case alone.
    private static func makeNames(in folder: String) throws {
        for byte in UInt8(1)...255 where byte != UInt8(ascii: "/") {
            if byte != UInt8(ascii: ".") { make([byte], in: folder, "\(byte)\n") }
            make(Array("x".utf8) + [byte], in: folder, "\(byte)\n")
        }
        for name in ["Readme", "README", "readme", "Dir/a", "dir/a", "DIR/A"] {
            try Files.makeDirectory(Files.parent(of: "\(folder)/\(name)"), mode: 0o755)
            try Files.writeAtomically("\(folder)/\(name)", text: "\(name)\n", mode: 0o644)
        }
        try Files.makeLink(at: "\(folder)/loop1", to: "loop2")
        try Files.makeLink(at: "\(folder)/loop2", to: "loop1")
        try Files.makeLink(at: "\(folder)/self", to: ".")
    }

    @Test("are saved by whatever name, as git saves them") func names() async throws {
        let scene = try await SnapshotTests.Scene()
        try Self.makeNames(in: scene.worktree.path)
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await snapshot.tree == scene.treeByGit())
        #expect(snapshot.notes == [])
        // And come back.
        try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true)
        let restored = try await scene.store.restore(scene.worktree.name, number: 1, owner: nil)
        #expect(try await scene.store.snapshot(restored, message: "m").tree == snapshot.tree)
    }

    @Test(
        "are saved from an overlay too: modes that hide, pipes, sockets, odd names, and no .git",
        .enabled(if: OverlayMount.isPossible, OverlayMount.reason))
    func overlay() async throws {
        try await withOverlay(files: ["README": "hello\n", "kept": "1\n", "shut/file": "2\n"]) { scene in
            let path = scene.path
            try Self.makeNames(in: path)
            try scene.write("hidden/file", "x\n")
            try Files.removeTree("\(path)/kept")
            let expected = try await scene.treeByGit()
            try Files.writeAtomically("\(path)/.git", text: "gitdir: /nowhere\n", mode: 0o600)
            #expect(mkfifo("\(path)/pipe", 0o644) == 0)
            try Files.changeMode("\(path)/hidden/file", 0)
            try Files.changeMode("\(path)/hidden", 0)
            try Files.changeMode("\(path)/shut", 0)
            let snapshot = try await scene.snapshot()
            #expect(snapshot.tree == expected)
            #expect(snapshot.notes == ["“pipe” is neither a file nor a link nor a folder."])
            for name in ["hidden", "shut"] {
                #expect(try Files.status(of: "\(scene.upper)/\(name)").st_mode & 0o7777 == 0)
                try Files.changeMode("\(path)/\(name)", 0o755)
            }
        }
    }

    @Test("a pipe, a socket or a device in the place of a file waits for nobody") func places() async throws {
        let scene = try await SnapshotTests.Scene(files: ["a": "1\n", "b": "2\n"])
        try Files.removeTree("\(scene.worktree.path)/a")
        #expect(mkfifo("\(scene.worktree.path)/a", 0o644) == 0)
        try Files.removeTree("\(scene.worktree.path)/b")
        let socket = try UnixListener(path: "\(scene.worktree.path)/b", mode: 0o600)
        defer { withExtendedLifetime(socket) {} }
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await scene.paths(snapshot.tree) == [])
        #expect(
            snapshot.notes == [
                "“a” is neither a file nor a link nor a folder.",
                "“b” is neither a file nor a link nor a folder.",
            ])
    }

    @Test("a link called .gitmodules, which no index may hold, leaves the file as it was") func refused()
        async throws
    {
        let scene = try await SnapshotTests.Scene(files: [".gitmodules": "# none\n"])
        try Files.removeTree("\(scene.worktree.path)/.gitmodules")
        try Files.makeLink(at: "\(scene.worktree.path)/.gitmodules", to: "/etc/passwd")
        try scene.write("new", "x\n")
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
        #expect(try await scene.paths(snapshot.tree) == [".gitmodules", "new"])
        #expect(try await scene.repository.show(snapshot.ref, ".gitmodules") == "# none\n")
        #expect(snapshot.notes == ["“.gitmodules” is a name that git refuses; it counts as unchanged."])
    }

    @Test("an agent that deletes its whole worktree leaves its snapshots, and the next one says so")
    func deleted() async throws {
        let scene = try await SnapshotTests.Scene()
        try scene.write("work", "x\n")
        let first = try await scene.store.snapshot(scene.worktree, message: "one")
        for name in try Files.list(scene.worktree.path) {
            try Files.removeTree("\(scene.worktree.path)/\(name)")
        }
        let second = try await scene.store.snapshot(scene.worktree, message: "two")
        #expect(try await scene.paths(second.tree) == [])
        #expect(second.notes == ["The worktree is empty: every file of it is gone."])
        #expect(try await scene.repository.show(first.ref, "work") == "x\n")
        try Files.removeTree(scene.worktree.path)
        let error = await worktreeError {
            _ = try await scene.store.snapshot(scene.worktree, message: "three")
        }
        #expect(error == .noSuchWorktree(path: scene.worktree.path))
        #expect(try await scene.store.list().map(\.snapshots) == [[1, 2]])
        let restored = try await scene.store.restore(scene.worktree.name, number: 1, owner: nil)
        #expect(try await scene.store.snapshot(restored, message: "four").tree == first.tree)
    }

    @Test("a change that leaves size and time of modification as they were is seen; so is one through memory")
    func sameSize() async throws {
        let scene = try await SnapshotTests.Scene(files: ["a": "one\n", "b": "one\n"])
        let (a, b) = ("\(scene.worktree.path)/a", "\(scene.worktree.path)/b")
        var times = [try Files.status(of: a).st_atim, try Files.status(of: a).st_mtim]
        let file = open(b, O_RDWR)
        let memory = mmap(nil, 4, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        defer {
            munmap(memory, 4)
            close(file)
        }
        for text in ["two\n", "six\n", "ten\n"] {
            try Files.writeAtomically(a, text: text, mode: 0o644)
            #expect(utimensat(AT_FDCWD, a, &times, 0) == 0)
            // Between the rounds the file is read, and nothing else tells of the change.
            memory?.copyMemory(from: text, byteCount: 4)
            let snapshot = try await scene.store.snapshot(scene.worktree, message: "m")
            #expect(try await scene.repository.show(snapshot.ref, "a") == text)
            #expect(try await scene.repository.show(snapshot.ref, "b") == text)
        }
    }

    @Test("a full disk loses no snapshot, and is named", .enabled(if: Requirement.isRoot, "it mounts a disk"))
    func fullDisk() async throws {
        let folder = try TemporaryFolder()
        let disk = folder.path("disk")
        try Files.makeDirectory(disk)
        func run(_ argv: String...) async throws {
            let output = try await Child.run(
                ChildCommand(argv, environment: [:]), timeout: .seconds(30))
            try #require(output.isSuccess, "\(output.stderrText)")
        }
        try await run("/bin/mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", disk)
        do {
            let repository = try await TestRepository(in: folder, files: ["README": "hello\n"])
            try await run("/bin/cp", "--archive", repository.path, "\(disk)/repository")
            let store = try RepositoryStore(
                repository: "\(disk)/repository", state: folder.path("state"))
            let base = try await repository.head()
            let worktree = try await store.prepareWorktree(
                run: RunID("r1"), task: "t1", base: base, owner: nil)
            try Files.writeAtomically("\(worktree.path)/a", text: "saved\n", mode: 0o644)
            let first = try await store.snapshot(worktree, message: "one")
            // What does not compress, and more than there is room for.
            try Files.writeAtomically("\(worktree.path)/big", RandomBytes.bytes(count: 24 << 20), mode: 0o644)
            let error = await worktreeError { _ = try await store.snapshot(worktree, message: "two") }
            guard case .diskFull = error else {
                Issue.record("\(String(describing: error)) is not that the disk is full")
                throw WorldFailure(what: "fill a disk", why: "\(String(describing: error))")
            }
            #expect(error?.hint?.contains("nothing was lost") == true)
            #expect(
                try await repository.git("cat-file", "blob", "\(first.commit):a", at: "\(disk)/repository")
                    == "saved")
            try await repository.git("fsck", "--connectivity-only", at: "\(disk)/repository")
            try Files.removeTree("\(worktree.path)/big")
            #expect(try await store.snapshot(worktree, message: "three") == first)
        } catch {
            try await run("/bin/umount", "--lazy", disk)
            throw error
        }
        try await run("/bin/umount", "--lazy", disk)
    }
}
