import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary
import Worktrees

@Suite("Restoring a snapshot") struct RestoringTests {
    private static let files = [
        "README": "hello\n", "src/a": "1\n", "src/b": "2\n", ".gitignore": "*.log\n", "crlf.txt": "x\n",
        ".gitattributes": "crlf.txt text eol=crlf\n",
    ]

    /// Edits of every kind, and a file that is ignored.
    private static func edit(_ path: String) throws {
        try Files.writeAtomically("\(path)/README", text: "changed\n", mode: 0o755)
        try Files.removeTree("\(path)/src")
        try Files.makeLink(at: "\(path)/src", to: "README")
        try Files.makeDirectory("\(path)/new/deep", mode: 0o755)
        try Files.writeAtomically("\(path)/new/deep/file", text: "n\n", mode: 0o644)
        try Files.writeAtomically("\(path)/new/build.log", text: "ignored\n", mode: 0o644)
        try Files.writeAtomically("\(path)/crlf.txt", text: "y\r\n", mode: 0o644)
    }

    @Test(
        "makes the files exactly those of the snapshot, saves what was there, and leaves ignored files alone")
    func checkout() async throws {
        let scene = try await SnapshotTests.Scene(files: Self.files)
        let (store, path) = (scene.store, scene.worktree.path)
        let first = try await store.snapshot(scene.worktree, message: "pristine")
        try Self.edit(path)
        let second = try await store.snapshot(scene.worktree, message: "edited")
        try Files.writeAtomically("\(path)/README", text: "not saved yet\n", mode: 0o644)
        let restored = try await store.restore(scene.worktree.name, number: first.number, owner: nil)
        #expect(restored == scene.worktree)
        #expect(try await scene.treeByGit() == first.tree)
        #expect(try Files.readText("\(path)/crlf.txt", bytesMax: 10) == "x\r\n")
        #expect(try Files.readText("\(path)/new/build.log", bytesMax: 10) == "ignored\n")
        // What was there before is the newest snapshot, and the files are as the first one had them.
        #expect(try await store.list().map(\.snapshots) == [[1, 2, 3]])
        #expect(
            try await scene.repository.show("refs/graftwork/snapshots/r1/t1/3", "README") == "not saved yet\n"
        )
        #expect(try await store.snapshot(scene.worktree, message: "again").tree == first.tree)
        _ = try await store.restore(scene.worktree.name, number: second.number, owner: nil)
        #expect(try await scene.treeByGit() == second.tree)
        #expect(try Files.linkTarget("\(path)/src") == "README")
        #expect(try Files.status(of: "\(path)/README").st_mode & 0o777 == 0o755)
    }

    @Test("writes files that are too large to be read whole") func large() async throws {
        let repository = try await TestRepository(files: ["a": "1\n", "d/b": "1\n"])
        let size = 257 << 20
        try Files.create("\(repository.path)/d/large", mode: 0o755)
        #expect(truncate("\(repository.path)/d/large", size) == 0)
        let base = try await repository.commitAll("large")
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: base, owner: nil)
        let first = try await store.snapshot(worktree, message: "first")
        try Files.removeTree("\(worktree.path)/d")
        _ = try await store.snapshot(worktree, message: "gone")
        _ = try await store.restore(worktree.name, number: first.number, owner: nil)
        let status = try Files.status(of: "\(worktree.path)/d/large")
        #expect(Int(status.st_size) == size && status.st_mode & 0o777 == 0o755)
        #expect(try Files.readText("\(worktree.path)/d/b", bytesMax: 10) == "1\n")
        #expect(try Files.list("\(repository.state)/temporary").isEmpty)
    }

    enum Deed: CaseIterable { case restore, move }

    @Test(
        "what is edited while it goes on is not overwritten, and is in the next snapshot",
        arguments: Deed.allCases)
    func editedMeanwhile(_ deed: Deed) async throws {
        let scene = try await SnapshotTests.Scene(
            files: ["stays": "1\n", "goes": "1\n", "changes": "1\n", "late": "1\n"])
        let (store, path) = (scene.store, scene.worktree.path)
        let first = try await store.snapshot(scene.worktree, message: "first")
        func write(_ name: String, _ text: String) throws {
            try Files.writeAtomically("\(path)/\(name)", text: text, mode: 0o644)
        }
        try scene.repository.write("changes", "2\n")
        try Files.removeTree("\(scene.repository.path)/goes")
        let newer = try await scene.repository.commitAll("newer")
        if deed == .restore {
            try write("changes", "0\n")
            try write("new", "0\n")
        }
        await store.crash { step in
            switch step {
            case "tree written":
                // The files were read; an editor saves its own.
                for name in ["stays", "changes"] + (deed == .restore ? ["new"] : ["goes"]) {
                    try Files.writeAtomically("\(path)/\(name)", text: "edited\n", mode: 0o644)
                }
            case "files moved", "files written":
                try Files.writeAtomically("\(path)/late", text: "edited\n", mode: 0o644)
            default: break
            }
        }
        var worktree = scene.worktree
        switch deed {
        case .restore:
            worktree = try await store.restore(worktree.name, number: first.number, owner: nil)
        case .move: worktree = try await store.moveWorktree(worktree, to: newer, base: newer)
        }
        await store.crash { _ in }
        let after = try await store.snapshot(worktree, message: "after")
        let files = try await scene.repository.git("ls-tree", "-r", "--name-only", after.tree.rawValue)
            .split(separator: "\n").map(String.init)
        func text(_ name: String) async throws -> String {
            try await scene.repository.git("show", "\(after.tree):\(name)")
        }
        #expect(try await text("stays") == "edited")
        #expect(try await text("late") == "edited")
        #expect(try await text("changes") == (deed == .restore ? "1" : "2"))
        for name in ["changes", deed == .restore ? "new" : "goes"] {
            let kept = files.filter { $0.hasPrefix("\(name).kept-") }
            #expect(kept.count == 1 && !files.contains { $0 == name && name != "changes" }, "\(files)")
            for name in kept { #expect(try await text(name) == "edited") }
        }
    }

    @Test(
        "works in the upper layer of an overlay too",
        .enabled(if: OverlayMount.isPossible, OverlayMount.reason))
    func overlay() async throws {
        try await withOverlay(files: Self.files) { scene in
            let first = try await scene.snapshot()
            try Self.edit(scene.path)
            let second = try await scene.snapshot()
            for wanted in [first, second, first] {
                // Nothing may be mounted while a layer is written.
                try await scene.unmounted {
                    _ = try await scene.store.restore(
                        scene.worktree.name, number: wanted.number, owner: nil)
                }
                #expect(try await scene.treeByGit() == wanted.tree)
                #expect(try await scene.snapshot().tree == wanted.tree)
                #expect(Files.exists("\(scene.path)/new/build.log"))
            }
        }
    }

    @Test("two at once come one after the other, and never make a mixture") func oneAtATime() async throws {
        let names = (0..<40).map { "f\($0)" }
        let scene = try await SnapshotTests.Scene(
            files: Dictionary(names.map { ($0, "begin\n") }, uniquingKeysWith: { $1 }))
        let (store, path) = (scene.store, scene.worktree.path)
        // One changes the one half of the files, and the other the other.
        var numbers: [Int] = []
        for half in 0..<2 {
            for (index, name) in names.enumerated() {
                let text = index % 2 == half ? "changed\n" : "begin\n"
                try Files.writeAtomically("\(path)/\(name)", text: text, mode: 0o644)
            }
            numbers.append(try await store.snapshot(scene.worktree, message: "half").number)
        }
        for name in names { try Files.writeAtomically("\(path)/\(name)", text: "begin\n", mode: 0o644) }
        let wanted = try await withThrowingTaskGroup(of: Void.self) { group in
            for number in numbers {
                group.addTask {
                    _ = try await store.restore(scene.worktree.name, number: number, owner: nil)
                }
            }
            try await group.waitForAll()
            return try await store.list().flatMap(\.snapshots).count
        }
        #expect(wanted >= 3)
        let changed = try names.enumerated().filter { _, name in
            try Files.readText("\(path)/\(name)", bytesMax: 20) == "changed\n"
        }.map { $0.offset % 2 }
        #expect(changed.count == 20 && Set(changed).count == 1, "\(changed)")
    }

    @Test("brings a removed worktree back from its snapshots") func removed() async throws {
        let scene = try await SnapshotTests.Scene(files: Self.files)
        try Self.edit(scene.worktree.path)
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "edited")
        try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true)
        let restored = try await scene.store.restore(scene.worktree.name, number: 1, owner: nil)
        #expect((restored.path, restored.base) == (scene.worktree.path, scene.base))
        #expect(try await scene.store.snapshot(restored, message: "m").tree == snapshot.tree)
        #expect(try await scene.treeByGit() == snapshot.tree)
    }

    @Test("goes back to the base a snapshot was made on") func otherBase() async throws {
        let scene = try await SnapshotTests.Scene(files: Self.files)
        try Self.edit(scene.worktree.path)
        let snapshot = try await scene.store.snapshot(scene.worktree, message: "edited")
        let newer = try await scene.repository.commit("newer")
        let moved = try await scene.store.moveWorktree(
            scene.worktree, to: snapshot.tree, base: ObjectID(newer))
        #expect(moved.base == ObjectID(newer))
        let restored = try await scene.store.restore(scene.worktree.name, number: 1, owner: nil)
        #expect(restored.base == scene.base)
        #expect(try await scene.store.snapshot(restored, message: "m").tree == snapshot.tree)
    }

    @Test("overwrites nothing that no snapshot holds: it is moved aside") func aside() async throws {
        let scene = try await SnapshotTests.Scene(files: ["README": "hello\n", "out": "tracked\n"])
        let path = scene.worktree.path
        _ = try await scene.store.snapshot(scene.worktree, message: "pristine")
        try scene.write(".gitignore", "inside\n")
        try Files.removeTree("\(path)/out")
        // A folder with an ignored file where a file shall be, and a pipe where another shall be.
        try scene.write("out/inside", "precious\n")
        try Files.removeTree("\(path)/README")
        #expect(mkfifo("\(path)/README", 0o644) == 0)
        _ = try await scene.store.restore(scene.worktree.name, number: 1, owner: nil)
        #expect(try Files.readText("\(path)/out", bytesMax: 100) == "tracked\n")
        let kept = try Files.list(path).filter { $0.contains(".kept-") }
        #expect(kept.map { $0.prefix { $0 != "." } } == ["README", "out"])
        #expect(try Files.readText("\(path)/\(kept[1])/inside", bytesMax: 100) == "precious\n")
    }

    @Test("cut off at any step, is finished by the same call") func killed() async throws {
        for step in ["made anew", "saved", "files written"] {
            let scene = try await SnapshotTests.Scene(files: Self.files)
            try Self.edit(scene.worktree.path)
            let snapshot = try await scene.store.snapshot(scene.worktree, message: "edited")
            if step == "made anew" {
                try await scene.store.removeWorktree(scene.worktree, keepSnapshots: true)
            } else {
                try Files.removeTree("\(scene.worktree.path)/crlf.txt")
            }
            await scene.store.crash(by: { if $0 == step { throw Cut() } })
            await #expect(throws: (any Error).self) {
                try await scene.store.restore(scene.worktree.name, number: snapshot.number, owner: nil)
            }
            let again = try scene.repository.store()
            let restored = try await again.restore(
                scene.worktree.name, number: snapshot.number, owner: nil)
            #expect(try await again.snapshot(restored, message: "m").tree == snapshot.tree, "after \(step)")
            #expect(try await scene.treeByGit() == snapshot.tree, "after \(step)")
        }
    }
    private struct Cut: Error {}

    @Test("says which snapshots there are when the one asked for is none of them") func unknown() async throws
    {
        let scene = try await SnapshotTests.Scene()
        _ = try await scene.store.snapshot(scene.worktree, message: "m")
        let error = await worktreeError {
            _ = try await scene.store.restore(scene.worktree.name, number: 7, owner: nil)
        }
        #expect(error == .noSuchSnapshot(worktree: "r1/t1", number: 7, known: [1]))
        #expect(error?.hint == "It has 1.")
    }
}

@Suite("How long snapshots are kept") struct RetentionTests {
    /// Five snapshots, a day apart, the oldest first.
    private func scene() async throws -> (SnapshotTests.Scene, [ObjectID]) {
        let scene = try await SnapshotTests.Scene()
        var commits: [ObjectID] = []
        for day in 1...5 {
            try scene.write("file", "\(day)\n")
            let tree = try await scene.store.snapshot(scene.worktree, message: "m").tree
            let ref = "refs/graftwork/snapshots/r1/t1/\(day)"
            let commit = try await scene.repository.git(
                "commit-tree", "-p", scene.base.rawValue, "-m", "m", tree.rawValue,
                environment: ["GIT_COMMITTER_DATE": "@\(day * 86_400) +0000"])
            try await scene.repository.git("update-ref", ref, commit)
            commits.append(ObjectID(commit))
        }
        return (scene, commits)
    }

    private static func now(_ day: Int) -> Int64 { Int64(day) * 86_400 }

    @Test("ends with the days or the count, whichever is first, but never with the newest") func limits()
        async throws
    {
        let (scene, _) = try await scene()
        func expired(_ days: Int, _ count: Int, now: Int = 5, from run: String = "r1") async throws
            -> [Int]
        {
            try await scene.store.expireSnapshots(
                of: SnapshotRetention(days: days, count: count), now: Self.now(now),
                from: [RunID(run)],
                isDryRun: true
            ).map(\.number)
        }
        #expect(try await expired(100, 100) == [])
        #expect(try await expired(2, 100) == [1, 2])
        #expect(try await expired(100, 2) == [1, 2, 3])
        #expect(try await expired(0, 0, now: 1000) == [1, 2, 3, 4])
        #expect(try await expired(0, 0, now: 1000, from: "r2") == [], "another run's stay")
        #expect(
            try await scene.store.list().map(\.snapshots) == [[1, 2, 3, 4, 5]], "a dry run removes nothing")
    }

    @Test("removes the refs and nothing else, and says which") func removes() async throws {
        let (scene, commits) = try await scene()
        // Packed ones as well.
        try await scene.repository.git("pack-refs", "--all")
        let expired = try await scene.store.expireSnapshots(
            of: SnapshotRetention(days: 2, count: 10), now: Self.now(5), from: [RunID("r1")])
        #expect(
            expired == [
                ExpiredSnapshot(
                    name: scene.worktree.name, number: 1, commit: commits[0], secondsSince1970: 1 * 86_400),
                ExpiredSnapshot(
                    name: scene.worktree.name, number: 2, commit: commits[1], secondsSince1970: 2 * 86_400),
            ])
        #expect(try await scene.store.list().map(\.snapshots) == [[3, 4, 5]])
        // The numbers go on where they were.
        try scene.write("file", "6\n")
        #expect(try await scene.store.snapshot(scene.worktree, message: "m").number == 6)
    }
}
