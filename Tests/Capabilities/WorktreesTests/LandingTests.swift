import Fixtures
import Foundation
import Git
import Glibc
import Linux
import Testing
import Vocabulary

@testable import Worktrees

@Suite("Landing on a target") struct LandingTests {
    struct KilledHere: Error {}

    func land(
        _ store: RepositoryStore, _ commit: ObjectID, on target: String = "refs/heads/main",
        expecting old: ObjectID,
        _ permission: CheckedOutPermission = .moveAlong
    ) async throws -> LandingOutcome {
        try await store.withLandingLock(target) { permit in
            try await store.land(commit: commit, expecting: old, permission: permission, permit: permit)
        }
    }

    @Test("moves a branch that is checked out nowhere, and nothing else") func plainBranch() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        try await repository.git("branch", "target")
        let store = try repository.store()
        let old = try await repository.head()
        let before = try await repository.belongings()
        let commit = try await repository.commit(["new": "x\n"], on: store)
        #expect(
            try await land(store, commit, on: "refs/heads/target", expecting: old, .leaveAlone) == .landed)
        #expect(try await repository.head("refs/heads/target") == commit)
        #expect(try await repository.belongings() == before)
        #expect(
            try await repository.git("log", "-1", "--format=%an/%cn", "target") == "Graftwork agent/Graftwork"
        )
        // Again, as after a crash that came before the answer was heard.
        #expect(
            try await land(store, commit, on: "refs/heads/target", expecting: old, .leaveAlone) == .landed)
    }

    @Test("does not move a target that somebody else moved, or that went") func moved() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        try await repository.git("branch", "target")
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(["new": "x\n"], on: store)
        let theirs = try await repository.commit(["other": "y\n"], on: store)
        try await repository.git("update-ref", "refs/heads/target", theirs.rawValue)
        #expect(
            try await land(store, commit, on: "refs/heads/target", expecting: old)
                == .targetMoved(actual: theirs))
        #expect(try await repository.head("refs/heads/target") == theirs)
        try await repository.git("branch", "-D", "target")
        #expect(
            try await land(store, commit, on: "refs/heads/target", expecting: old)
                == .targetMoved(actual: nil))
    }

    @Test("lets exactly one of many landings win") func race() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        try await repository.git("branch", "target")
        let old = try await repository.head()
        let store = try repository.store()
        var commits: [ObjectID] = []
        for number in 0..<5 { commits.append(try await repository.commit(["new": "\(number)\n"], on: store)) }
        // Two stores are two servers: only the compare-and-swap and the lock file are between them.
        let other = try repository.store()
        let outcomes = try await withThrowingTaskGroup(of: LandingOutcome.self) { group in
            for (number, commit) in commits.enumerated() {
                group.addTask {
                    try await self.land(
                        number % 2 == 0 ? store : other, commit, on: "refs/heads/target", expecting: old)
                }
            }
            return try await group.reduce(into: [LandingOutcome]()) { $0.append($1) }
        }
        let winner = try await repository.head("refs/heads/target")
        #expect(outcomes.filter { $0 == .landed }.count == 1)
        #expect(outcomes.filter { $0 == .targetMoved(actual: winner) }.count == 4)
        #expect(commits.contains(winner))
    }

    @Test("only moves a target forward") func forward() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let commit = try await repository.commit(["new": "x\n"], on: store)
        let mine = try await repository.commitAll("mine")
        try await repository.git("branch", "target")
        #expect(
            try await land(store, commit, on: "refs/heads/target", expecting: mine)
                == .held(reason: .notFastForward(target: "target")))
        #expect(try await repository.head("refs/heads/target") == mine)
    }

    @Test("moves a clean checkout along, and keeps what is untracked") func clean() async throws {
        let repository = try await TestRepository(files: [
            "README": "hello\n", "old": "1\n", "d/e": "2\n", ".gitignore": "*.log\n",
        ])
        try repository.write("untracked", "mine\n")
        try repository.write("ignored.log", "mine\n")
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(
            ["README": "bye\n", "old": nil, "d/e": nil, "d": "now a file\n", "n/m": "3\n"], on: store)
        #expect(try await land(store, commit, expecting: old) == .landed)
        #expect(try await repository.head() == commit)
        #expect(try await repository.git("symbolic-ref", "HEAD") == "refs/heads/main")
        #expect(try await repository.git("status", "--porcelain") == "?? untracked")
        #expect(try repository.text("README") == "bye\n")
        #expect(try repository.text("d") == "now a file\n")
        #expect(try repository.text("n/m") == "3\n")
        #expect(!Files.exists("\(repository.path)/old"))
        #expect(try repository.text("untracked") == "mine\n")
        #expect(try repository.text("ignored.log") == "mine\n")
        #expect(!Files.exists("\(repository.path)/.git/index.lock"))
        #expect(try await repository.git("reflog", "-1", "--format=%gs %gn") == "graftwork: land Graftwork")
    }

    @Test("moves a linked worktree that has the target checked out") func linked() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let elsewhere = "\(repository.folder.path)/linked"
        try await repository.git("worktree", "add", "-q", "-b", "target", elsewhere)
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(["new": "x\n"], on: store)
        #expect(
            try await land(store, commit, on: "refs/heads/target", expecting: old, .leaveAlone)
                == .held(reason: .checkedOutNotPermitted(path: elsewhere)))
        #expect(try await land(store, commit, on: "refs/heads/target", expecting: old) == .landed)
        #expect(try await repository.git("status", "--porcelain", at: elsewhere) == "")
        #expect(try Files.readText("\(elsewhere)/new", bytesMax: 10) == "x\n")
        #expect(try await repository.head("refs/heads/main") == old)
        #expect(!Files.exists("\(repository.path)/new"))
    }

    /// Ways in which a checkout is not ready, and why the landing is then held.
    static let unready:
        [(
            name: String, prepare: @Sendable (TestRepository) async throws -> Void,
            hold: @Sendable (TestRepository) -> LandingHold
        )] = [
            (
                "a changed file", { try $0.write("README", "mine\n") },
                { .checkedOutDirty(path: $0.path, files: ["README"]) }
            ),
            (
                "a staged file",
                {
                    try $0.write("staged", "mine\n")
                    try await $0.git("add", "staged")
                }, { .checkedOutDirty(path: $0.path, files: ["staged"]) }
            ),
            (
                "an untracked file in the way", { try $0.write("new", "mine\n") },
                { .checkedOutDirty(path: $0.path, files: ["new"]) }
            ),
            (
                "an ignored file in the way",
                {
                    try $0.write(".git/info/exclude", "new\n")
                    try $0.write("new", "mine\n")
                }, { .checkedOutDirty(path: $0.path, files: ["new"]) }
            ),
            (
                "an untracked folder in the way", { try $0.write("new/mine", "mine\n") },
                { .checkedOutDirty(path: $0.path, files: ["new"]) }
            ),
            (
                "a file where a folder is needed", { try $0.write("folder", "mine\n") },
                { .checkedOutDirty(path: $0.path, files: ["folder"]) }
            ),
            (
                "a link where a folder is needed",
                { try Files.makeLink(at: "\($0.path)/folder", to: "/tmp") },
                { .checkedOutDirty(path: $0.path, files: ["folder"]) }
            ),
            (
                "a lock", { try $0.write(".git/index.lock", "") },
                { .checkoutLocked(path: $0.path, why: "another git program holds index.lock") }
            ),
            (
                "an unfinished merge",
                { try $0.write(".git/MERGE_HEAD", String(repeating: "1", count: 40) + "\n") },
                { .checkoutLocked(path: $0.path, why: "a merge is not finished") }
            ),
            (
                "an unfinished bisect of the branch",
                {
                    try await $0.git("checkout", "-q", "--detach")
                    try $0.write(".git/BISECT_START", "main\n")
                }, { .checkoutLocked(path: $0.path, why: "an operation on that branch is not finished") }
            ),
            (
                "a filter program", { try $0.write(".git/info/attributes", "new filter=lfs\n") },
                { .checkoutUnsupported(path: $0.path, why: "needs a filter program for “new”") }
            ),
            (
                "a sparse checkout", { try await $0.git("config", "core.sparseCheckout", "true") },
                { .checkoutUnsupported(path: $0.path, why: "is a sparse checkout") }
            ),
        ]

    @Test("is held, and changes nothing, when the checkout is not ready", arguments: unready.map(\.name))
    func notReady(name: String) async throws {
        let (_, prepare, hold) = try #require(Self.unready.first { $0.name == name })
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(
            ["new": "x\n", "folder/inside": "y\n", "README": "theirs\n"], on: store)
        try await prepare(repository)
        let before = try await repository.belongings()
        let outcome = try await land(store, commit, expecting: old)
        #expect(outcome == .held(reason: hold(repository)))
        #expect(try await repository.belongings() == before)
        #expect(try await repository.head("refs/heads/main") == old)
        if case .held(let reason) = outcome {
            #expect(reason.description.contains(repository.path))
            #expect(reason.hint.contains("--into BRANCH"))
        }
    }

    static let steps = ["locked", "copied", "moved files", "moved ref", "installed index"]

    @Test("cut off at any step, ends in the same landed checkout when called again", arguments: steps)
    func crashes(at step: String) async throws {
        let repository = try await TestRepository(files: ["README": "hello\n", "gone": "1\n", "same": "2\n"])
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(["README": "bye\n", "gone": nil, "n/new": "x\n"], on: store)
        let (oldID, newID) = (try GitID(old), try GitID(commit))
        await #expect(throws: WorktreeError.self) {
            try await store.explaining {
                try await store.move("refs/heads/main", from: oldID, to: newID, .moveAlong) {
                    if $0 == step { throw KilledHere() }
                }
            }
        }
        #expect(Files.exists("\(repository.path)/.git/index.lock"))
        // Until then the owner cannot commit the reverse of the landing by accident.
        await #expect(throws: GitFailure.self) {
            try await repository.git("commit", "-q", "-a", "-m", "oops")
        }
        #expect(try await land(repository.store(), commit, expecting: old) == .landed)
        #expect(try await repository.head() == commit)
        #expect(try await repository.git("status", "--porcelain", "--ignored") == "")
        #expect(try repository.text("README") == "bye\n")
        #expect(!Files.exists("\(repository.path)/.git/index.lock"))
        #expect(try Files.list("\(repository.path)/.git").filter { $0.contains("graftwork") } == [])
    }

    @Test("cut off while files were being written, puts them right") func tornFiles() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n", "gone": "1\n", "other": "3\n"])
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(
            ["README": "a long new text\n", "gone": nil, "new": "x\n", "other": "4\n"], on: store)
        let (oldID, newID) = (try GitID(old), try GitID(commit))
        await #expect(throws: WorktreeError.self) {
            try await store.explaining {
                try await store.move("refs/heads/main", from: oldID, to: newID, .moveAlong) {
                    if $0 == "copied" { throw KilledHere() }
                }
            }
        }
        try repository.write("README", "a long ne")
        try Files.removeFile("\(repository.path)/gone")
        try repository.write("new", "")
        #expect(try await land(store, commit, expecting: old) == .landed)
        #expect(try await repository.git("status", "--porcelain") == "")
        #expect(try repository.text("README") == "a long new text\n")
    }

    @Test("cut off, keeps what its owner wrote meanwhile, and says so") func editedMeanwhile() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n", "other": "3\n"])
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(["README": "bye\n", "other": "4\n"], on: store)
        let (oldID, newID) = (try GitID(old), try GitID(commit))
        await #expect(throws: WorktreeError.self) {
            try await store.explaining {
                try await store.move("refs/heads/main", from: oldID, to: newID, .moveAlong) {
                    if $0 == "moved files" { throw KilledHere() }
                }
            }
        }
        try repository.write("README", "the owner's own words\n")
        #expect(
            try await land(store, commit, expecting: old)
                == .held(reason: .checkedOutDirty(path: repository.path, files: ["README"])))
        #expect(try repository.text("README") == "the owner's own words\n")
        #expect(try repository.text("other") == "3\n")
        #expect(try await repository.head() == old)
        #expect(try await repository.git("status", "--porcelain") == " M README")
    }

    @Test("puts the checkout back when the target is moved by force in the middle") func movedInTheMiddle()
        async throws
    {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        let old = try await repository.head()
        let commit = try await repository.commit(["README": "bye\n", "new": "x\n"], on: store)
        let theirs = try await repository.commit([:], on: store)
        let forced = try await repository.commit(["z": "z\n"], on: store)
        #expect(theirs != forced)
        let ref = "\(repository.path)/.git/refs/heads/main"
        let (oldID, newID) = (try GitID(old), try GitID(commit))
        let outcome = try await store.move("refs/heads/main", from: oldID, to: newID, .moveAlong) { step in
            if step == "moved files" { try Files.writeAtomically(ref, text: forced.rawValue + "\n") }
        }
        #expect(outcome == .targetMoved(actual: forced))
        #expect(try repository.text("README") == "hello\n")
        #expect(!Files.exists("\(repository.path)/new"))
        #expect(try await repository.head() == forced)
    }

    @Test("can only be asked for with the permit of that target") func permit() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let store = try repository.store()
        await #expect(throws: WorktreeError.invalidBranchName(name: "main")) {
            try await store.withLandingLock("main") { _ in }
        }
        let inside = try await store.withLandingLock("refs/heads/main") { permit in permit.target }
        #expect(inside == "refs/heads/main")
    }

    @Test("one at a time inside the lock of a target") func oneAtATime() async throws {
        let repository = try await TestRepository(files: ["README": "hello\n"])
        let stores = [try repository.store(), try repository.store()]
        let inside = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await stores[number % 2].withLandingLock("refs/heads/main") { _ in
                        let together = await inside.enter()
                        #expect(together == 1)
                        await Task.yield()
                        await inside.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

private actor Counter {
    private var count = 0
    func enter() -> Int {
        count += 1
        return count
    }
    func leave() { count -= 1 }
}
