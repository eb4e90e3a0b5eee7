import Fixtures
import Glibc
import Linux
import Synchronization
import Testing
import Vocabulary

@testable import Worktrees

@Suite("Removing a worktree")
struct RemovingTests {
    struct Cut: Error {}
    private static let run = RunID("r1")
    static let steps = [
        "tombstone", "registration", "branch", "snapshots", "files", "layers", "private", "buried",
        "graveyard",
    ]

    private static func scene() async throws -> (TestRepository, RepositoryStore, PreparedWorktree) {
        let repository = try await TestRepository(files: ["README": "hello\n", "a/b": "1\n"])
        try repository.write("mine", "not yours\n")
        try await repository.git("stash", "push", "-u", "-m", "kept")
        let store = try repository.store()
        let worktree = try await store.prepareWorktree(
            run: run, task: "t1", base: repository.head(), owner: nil)
        try Files.writeAtomically("\(worktree.path)/work", text: "mine\n")
        return (repository, store, worktree)
    }

    @Test(
        "cut off after any step it is finished by whoever comes next, and nothing of the user's is touched",
        arguments: steps)
    func cut(_ step: String) async throws {
        let (repository, store, worktree) = try await Self.scene()
        let before = try await repository.belongings()
        let saved = try await store.snapshot(worktree, message: "last")
        await #expect(throws: WorktreeError.self) {
            try await store.removeWorktree(worktree, keepSnapshots: true) { name in
                if name == step { throw Cut() }
            }
        }
        // Another server, on the same folders.
        let next = try repository.store()
        #expect(try await next.list().isEmpty)
        #expect(try await next.pendingRemovals().map(\.name) == [worktree.name])
        let finished = try await next.finishRemovals()
        #expect(finished.removed.map(\.name) == [worktree.name] && finished.failed.isEmpty)
        #expect(try await next.pendingRemovals().isEmpty)
        #expect(try Files.list("\(repository.state)/worktrees").isEmpty)
        #expect(try Files.list("\(repository.state)/private").isEmpty)
        #expect(try Files.list("\(repository.state)/graveyard").isEmpty)
        #expect(try await repository.git("worktree", "list").split(separator: "\n").count == 1)
        #expect(try await repository.git("show", "\(saved.commit):work") == "mine")
        #expect(try await repository.belongings() == before)
        try await repository.git("fsck", "--strict")
    }

    enum Finisher: CaseIterable { case nextServer, sameNameAgain, person }

    @Test(
        "cut off before the files are gone it is finished with another snapshot of them",
        arguments: ["tombstone", "registration", "branch", "snapshots"], Finisher.allCases)
    func writtenLater(_ step: String, _ finisher: Finisher) async throws {
        let (repository, store, worktree) = try await Self.scene()
        _ = try await store.snapshot(worktree, message: "last")
        await #expect(throws: WorktreeError.self) {
            try await store.removeWorktree(worktree, keepSnapshots: true) { if $0 == step { throw Cut() } }
        }
        try Files.writeAtomically("\(worktree.path)/later", text: "mine too\n")
        let next = try repository.store()
        switch finisher {
        case .nextServer: _ = try await next.reconcile { WantedWorktrees(needed: []) }
        case .sameNameAgain:
            _ = try await next.prepareWorktree(
                run: Self.run, task: "t1", base: repository.head(), owner: nil)
        case .person: try await next.retire(worktree, message: "last")
        }
        let newest = try #require(try await next.snapshotNumbers(of: worktree.name).last)
        #expect(
            try await repository.git("show", "refs/graftwork/snapshots/r1/t1/\(newest):later") == "mine too")
        #expect(!Files.exists("\(worktree.path)/later"))
        // What was in the way of a new one lies in the graveyard.
        _ = try await next.finishRemovals()
        #expect(try await next.pendingRemovals().isEmpty)
    }

    @Test("what is written while the last snapshot is taken is in the last snapshot")
    func writtenMeanwhile() async throws {
        let (repository, store, worktree) = try await Self.scene()
        let count = Mutex(0)
        await store.crash { step in
            guard step == "snapshot named", next(of: count) < 3 else { return }
            try Files.writeAtomically("\(worktree.path)/work", text: "later \(count.withLock(\.self))\n")
        }
        let last = try #require(try await store.retire(worktree, message: "last"))
        #expect(try await repository.git("show", "\(last.commit):work") == "later 2")
        #expect(!Files.exists(worktree.path))
    }

    @Test("of files that never rest is given up, and the worktree is as it was") func restless() async throws
    {
        let (repository, store, worktree) = try await Self.scene()
        let count = Mutex(0)
        await store.crash { step in
            guard step == "snapshot named" else { return }
            try Files.writeAtomically("\(worktree.path)/work", text: "\(next(of: count))\n")
        }
        let error = await worktreeError { try await store.retire(worktree, message: "last") }
        #expect(
            error?.description.contains("its files change all the time") == true,
            "\(String(describing: error))")
        #expect(try await store.list().map(\.worktree) == [worktree])
        #expect(try await repository.git("worktree", "list").contains("r1.t1"))
    }

    @Test("that cannot go on for what it holds is given up, and what it took away is made again")
    func abandoned() async throws {
        let (repository, store, worktree) = try await Self.scene()
        await #expect(throws: WorktreeError.self) {
            try await store.removeWorktree(worktree, keepSnapshots: true) {
                if $0 == "branch" { throw Cut() }
            }
        }
        try Files.makeDirectory("\(worktree.path)/within/.git")
        let server = try repository.store()
        let report = try await server.reconcile { WantedWorktrees(needed: [worktree.name]) }
        #expect(report.told.count == 1 && report.told[0].contains("“within/.git”"), "\(report)")
        #expect(try await server.list().map(\.worktree) == [worktree])
        #expect(try await repository.git("worktree", "list").contains("[graftwork/r1/t1]"))
        try await server.retire(worktree, message: "last", discardsUnsaved: true)
        #expect(try await server.list().isEmpty)
    }

    @Test("waits for a `git gc` that could delete the last snapshot, and takes it again where it did")
    func collected() async throws {
        let (repository, store, worktree) = try await Self.scene()
        let gitDirectory = "\(repository.path)/.git"
        let seen = Mutex(0)
        await store.crash { step in
            if step == "commit written", !Files.exists("\(gitDirectory)/gc.pid") {
                guard seen.withLock({ $0 == 0 }) else { return }
                // One that lives for as long as this test.
                try Files.writeAtomically("\(gitDirectory)/gc.pid", text: "\(getpid()) here")
            }
            guard step == "gc seen", next(of: seen) == 3 else { return }
            // It read the refs before the snapshot's was made.
            let ref = "\(gitDirectory)/refs/graftwork/snapshots/r1/t1/1"
            let commit = try Files.readText(ref, bytesMax: 100).prefix(40)
            try Files.removeFile("\(gitDirectory)/objects/\(commit.prefix(2))/\(commit.dropFirst(2))")
            try Files.removeFile("\(gitDirectory)/gc.pid")
        }
        await store.waitForCollections(pollsMax: 1)
        let last = try #require(try await store.retire(worktree, message: "last"))
        #expect(try await repository.git("show", "\(last.commit):work") == "mine")
        #expect(!Files.exists(worktree.path))
        // No ref is left that would keep git from collecting.
        try await repository.git("gc", "-q", "--prune=now")
        try await repository.git("fsck", "--strict")
    }

    @Test("cut off after any step the same worktree can be made anew at once", arguments: steps)
    func anew(_ step: String) async throws {
        let (repository, store, worktree) = try await Self.scene()
        await #expect(throws: WorktreeError.self) {
            try await store.removeWorktree(worktree, keepSnapshots: true) { name in
                if name == step { throw Cut() }
            }
        }
        let again = try await store.prepareWorktree(
            run: Self.run, task: "t1", base: repository.head(), owner: nil)
        #expect(!Files.exists("\(again.path)/work"))
        #expect(try Files.readText("\(again.path)/README", bytesMax: 100) == "hello\n")
        // What is left of the old one goes, and the new one stays.
        _ = try await store.finishRemovals()
        #expect(try await store.list().map(\.worktree) == [again])
        #expect(try Files.list("\(repository.state)/graveyard").isEmpty)
    }

    @Test("saves the files first, and removes nothing when they cannot be saved")
    func retires() async throws {
        let (repository, store, worktree) = try await Self.scene()
        // A ref in the way of the snapshot's own.
        try await repository.git("update-ref", "refs/graftwork/snapshots/r1/t1", "HEAD")
        #expect(
            await worktreeError { try await store.retire(worktree, message: "last") } != nil)
        #expect(try Files.readText("\(worktree.path)/work", bytesMax: 100) == "mine\n")
        #expect(try await store.pendingRemovals().isEmpty)
        try await repository.git("update-ref", "-d", "refs/graftwork/snapshots/r1/t1")
        let last = try #require(try await store.retire(worktree, message: "last"))
        #expect(try await repository.git("show", "\(last.commit):work") == "mine")
        #expect(try await store.list().isEmpty)
    }

    @Test("keeps what no snapshot can hold until a person gives it up, and minds no pipe")
    func unsaved() async throws {
        let (repository, store, worktree) = try await Self.scene()
        defer { withExtendedLifetime(repository) {} }
        // A repository within: its history is in no tree.
        try Files.makeDirectory("\(worktree.path)/within/.git")
        try Files.writeAtomically("\(worktree.path)/within/.git/config", text: "[core]\n")
        let error = await worktreeError { try await store.retire(worktree, message: "last") }
        #expect(
            error
                == .unsaved(
                    worktree: "r1/t1", notes: ["“within/.git” is a name that git itself uses."]))
        #expect(try Files.readText("\(worktree.path)/within/.git/config", bytesMax: 100) == "[core]\n")
        #expect(try await store.pendingRemovals().isEmpty)
        try Files.removeTree("\(worktree.path)/within")
        #expect(mkfifo("\(worktree.path)/pipe", 0o600) == 0)
        try await store.retire(worktree, message: "last")
        #expect(try await store.list().isEmpty)
    }

    @Test("that was cut off is finished by one hand at a time: given up by one, it is none for the next")
    func givenUp() async throws {
        let (repository, store, worktree) = try await Self.scene()
        try Files.makeDirectory("\(worktree.path)/within/.git")
        struct Cut: Error {}
        await #expect(throws: WorktreeError.self) {
            try await store.removeWorktree(worktree, keepSnapshots: true) { _ in throw Cut() }
        }
        #expect(try await store.pendingRemovals().count == 1)
        // Each waits for it in turn.
        let collection = "\(repository.path)/.git/gc.pid"
        try Files.writeAtomically(collection, text: "\(getpid()) here")
        let seen = Mutex(0)
        await store.crash { step in
            if step == "gc seen", next(of: seen) == 20 { try Files.removeFile(collection) }
        }
        let tries = (0..<4).map { _ in Task { try await store.finishRemovals() } }
        var (removed, failed) = (0, 0)
        for one in tries {
            let finished = try await one.value
            removed += finished.removed.count
            failed += finished.failed.count
        }
        #expect((removed, failed) == (0, 1))
        #expect(try await store.known(worktree.name)?.isPresent == true)
    }

    @Test("lets go of what no snapshot can hold where a person says so") func discarded() async throws {
        let (repository, store, worktree) = try await Self.scene()
        defer { withExtendedLifetime(repository) {} }
        try Files.makeDirectory("\(worktree.path)/within/.git")
        let last = try await store.retire(worktree, message: "last", discardsUnsaved: true)
        #expect(last?.isWhole == false)
        #expect(try await store.list().isEmpty)
    }

    @Test("lets go of a worktree of which no snapshot can be taken where a person says so")
    func discardedWhole() async throws {
        let (repository, store, worktree) = try await Self.scene()
        // A ref in the way of the snapshot's own.
        try await repository.git("update-ref", "refs/graftwork/snapshots/r1/t1", "HEAD")
        #expect(await worktreeError { try await store.retire(worktree, message: "last") } != nil)
        #expect(try await store.retire(worktree, message: "last", discardsUnsaved: true) == nil)
        #expect(try await store.list().isEmpty)
        #expect(!Files.exists(worktree.path))
    }

    @Test("a worktree whose files a user deleted is removed without a snapshot")
    func filesGone() async throws {
        let (repository, store, worktree) = try await Self.scene()
        defer { withExtendedLifetime(repository) {} }
        try Files.removeTree(worktree.path)
        #expect(try await store.retire(worktree, message: "last") == nil)
        #expect(try await store.list().isEmpty)
    }

    @Test("a removal that fails is listed with its reason, counted, and tried again")
    func failing() async throws {
        let (repository, store, worktree) = try await Self.scene()
        // A file where the graveyard's folder should be.
        try Files.writeAtomically("\(repository.state)/graveyard/r1.t1", text: "in the way")
        #expect(
            await worktreeError { try await store.removeWorktree(worktree, keepSnapshots: true) } != nil)
        let pending = try #require(try await store.pendingRemovals().first)
        #expect(pending.tries == 1 && pending.problem != nil)
        #expect(try await store.finishRemovals().failed.map(\.removal.name) == [worktree.name])
        #expect(try await store.pendingRemovals().first?.tries == 2)
        try Files.removeTree("\(repository.state)/graveyard/r1.t1")
        #expect(try await store.finishRemovals().removed.map(\.name) == [worktree.name])
    }

    @Test("lists what changed and what it takes up on the disk")
    func survey() async throws {
        let (repository, store, worktree) = try await Self.scene()
        defer { withExtendedLifetime(repository) {} }
        let fresh = try #require(try await store.survey(measuresDisk: true).first)
        #expect(fresh.changedPaths == nil && fresh.known?.worktree == worktree)
        try Files.writeAtomically("\(worktree.path)/big", [UInt8](repeating: 1, count: 1 << 20))
        _ = try await store.snapshot(worktree, message: "one")
        let later = try #require(try await store.survey(measuresDisk: true).first)
        #expect(later.changedPaths == 2)
        #expect(try #require(later.bytesOnDisk) >= #require(fresh.bytesOnDisk) + (1 << 20))
        #expect(try await store.survey(measuresDisk: false).first?.bytesOnDisk == nil)
    }

    @Test("lists every other worktree when one is odd, and says of that one what is odd about it")
    func oddOne() async throws {
        let (repository, store, worktree) = try await Self.scene()
        let run = RunID(worktree.name.run)
        func prepare(_ task: String) async throws -> PreparedWorktree {
            try await store.prepareWorktree(
                run: run, task: task, base: worktree.base, owner: nil, backend: .checkout)
        }
        let (lost, damaged) = (try await prepare("t2"), try await prepare("t3"))
        // One whose newest snapshot has lost its files, as after a careless repair of the repository.
        try Files.writeAtomically("\(lost.path)/only-here", text: "1\n")
        let snapshot = try await store.snapshot(lost, message: "one")
        let tree = snapshot.tree.rawValue
        try Files.removeFile("\(repository.path)/.git/objects/\(tree.prefix(2))/\(tree.dropFirst(2))")
        // One whose marker a crash of the machine has cut.
        let marker = "\(Files.parent(of: damaged.gitPointerFile))/prepared.json"
        try Files.writeAtomically(marker, text: "{")
        let seen = try await RepositoryStore(repository: repository.path, state: repository.state)
            .survey(measuresDisk: true)
        #expect(seen.map(\.name.task) == ["t1", "t2", "t3"])
        #expect(seen.map(\.known?.worktree) == [worktree, lost, nil])
        #expect(seen.map(\.path) == [worktree.path, lost.path, damaged.path])
        #expect(seen.map { $0.problem == nil } == [true, false, false])
        #expect(seen[2].problem?.description.contains("prepared.json") == true)
        #expect(seen.allSatisfy { $0.bytesOnDisk ?? 0 > 0 })
        #expect(try await store.known(worktree.name)?.worktree == worktree)
        #expect(await worktreeError { _ = try await store.known(damaged.name) } != nil)
        // Its base may be any.
        for one in [worktree, lost] { try await store.removeWorktree(one, keepSnapshots: false) }
        #expect(try await store.unusedBases().isEmpty)
        try Files.removeFile(marker)
        #expect(try await store.unusedBases() == [worktree.base])
    }
}

/// Counts one further.
private func next(of count: borrowing Mutex<Int>) -> Int {
    count.withLock { count in
        count += 1
        return count
    }
}
