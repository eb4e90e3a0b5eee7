import Git
import Linux
package import Vocabulary

/// Owns everything that is done with one user's repository: worktrees, snapshots, merges and landings.
///
/// The user's checkout, index, stash, hooks, configuration and other branches are never touched. What is
/// written into the user's git directory: objects, `refs/heads/graftwork/…`, `refs/graftwork/…`, the
/// registration of each worktree and, by `land` alone, the target branch with its clean checkout.
package actor RepositoryStore {
    let state: StateDirectory
    let git: HardenedGit
    /// The user's repository: refs, registrations, status, and where objects are written.
    let repository: GitRepository
    /// The same objects, read where no configuration of the user's applies.
    let scratch: GitRepository
    let gitDirectory: String
    /// The working directory the store was opened for.
    let root: String
    let creation = Turnstile()
    var landings: [String: Turnstile] = [:]
    /// One for each thing that is being made, or was.
    var turnstiles: [String: Turnstile] = [:]
    /// The bases of worktrees that are being made right now, and of how many.
    var basesInUse: [GitID: Int] = [:]
    /// The worktrees that are being made right now; what lies there without a marker is no orphan.
    package internal(set) var preparing: Set<WorktreeName> = []
    /// Snapshots that a `git gc` which was at work may have deleted again.
    var unproven: [(name: WorktreeName, snapshot: Snapshot, base: GitID)] = []
    /// How often it is looked whether one has ended.
    var collectionPollsMax = 100
    private(set) var mergeMemoryBytesMax = RepositoryStore.mergeMemoryBytesMax
    /// Called between the steps of what a crash may cut; tests cut there.
    var crash: @Sendable (String) throws -> Void = { _ in }
    private let executor = DedicatedExecutor(label: "graftwork.repository")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - path: any path inside the work tree.
    ///   - state: a directory of the server's for this repository; made where needed.
    package init(repository path: String, state statePath: String) throws(WorktreeError) {
        // What fails is in the user's repository until our own directory is touched.
        var place = path
        do {
            let opened = try OpenedRepository(path: path)
            repository = opened.repository
            gitDirectory = opened.repository.commonDirectory
            root = opened.root
            try repository.setIdentity(
                name: CommitIdentity.graftwork.name, email: CommitIdentity.graftwork.email)
            place = statePath
            state = try StateDirectory(statePath)
            git = try HardenedGit()
            try ScratchRepository.prepare(at: state.scratch, for: opened.repository)
            scratch = try GitRepository(bareAt: state.scratch)
        } catch {
            throw WorktreeError(error, at: place)
        }
    }

    /// Removes what a process that was killed had begun to make. For who is alone on this state: nothing may
    /// be in the making.
    package static func sweepDrafts(in state: String) throws(WorktreeError) {
        let folder = "\(state)/temporary"
        guard Files.exists(folder) else { return }
        do {
            for name in try Files.list(folder) { try Files.removeTree("\(folder)/\(name)") }
        } catch {
            throw WorktreeError(error, at: folder)
        }
    }

    /// Looks at a repository without changing anything, not even making a state directory.
    package static func probe(path: String) throws(WorktreeError) -> RepositoryProbe {
        do {
            return try OpenedRepository(path: path).probe()
        } catch {
            throw WorktreeError(error, at: path)
        }
    }

    /// The branch to land on, and where it stands. nil means the branch that HEAD names.
    package func resolve(branch: String?) throws(WorktreeError) -> (ref: String, commit: ObjectID) {
        do {
            guard let branch else {
                switch try repository.head() {
                case .branch(let ref, let commit): return (ref, ObjectID(commit))
                case .unborn(let ref): throw WorktreeError.emptyRepository(path: root, branch: shortName(ref))
                case .detached: throw WorktreeError.detachedHead(path: root)
                }
            }
            guard GitRepository.isBranchName(branch) else {
                throw WorktreeError.invalidBranchName(name: branch)
            }
            // `refs/heads/x` is a possible name of a branch, and also how git itself writes the branch `x`.
            let refs = ["refs/heads/\(branch)"] + (branch.hasPrefix("refs/heads/") ? [branch] : [])
            for ref in refs {
                if let commit = try repository.target(of: ref) { return (ref, ObjectID(commit)) }
            }
            if case .unborn(let ref) = try repository.head(), refs.contains(ref) {
                throw WorktreeError.emptyRepository(path: root, branch: branch)
            }
            throw WorktreeError.noSuchBranch(name: branch, path: root)
        } catch {
            throw WorktreeError(error, at: root)
        }
    }

    /// For tests: what is called between steps, and throws where a killed process would have stopped.
    package func crash(by crash: @escaping @Sendable (String) throws -> Void) { self.crash = crash }

    /// Where a git command runs that reads or writes files: our git directory, never the user's.
    func place(workTree: String, indexFile: String? = nil) -> HardenedGit.Place {
        HardenedGit.Place(gitDirectory: state.scratch, workTree: workTree, indexFile: indexFile)
    }

    /// For tests: a limit that small files reach.
    func limitMerges(memoryBytesMax: UInt) { mergeMemoryBytesMax = memoryBytesMax }

    /// For tests: how often it is looked whether a `git gc` has ended, before a snapshot counts all the same.
    func waitForCollections(pollsMax: Int) { collectionPollsMax = pollsMax }

    /// Runs one step and says in this module's words what went wrong.
    func explaining<Value>(_ body: () async throws -> Value) async throws(WorktreeError) -> Value {
        do {
            return try await body()
        } catch {
            throw WorktreeError(error, at: state.root)
        }
    }

    func explainingNow<Value>(_ body: () throws -> Value) throws(WorktreeError) -> Value {
        do {
            return try body()
        } catch {
            throw WorktreeError(error, at: state.root)
        }
    }
}

/// `main` of `refs/heads/main`.
func shortName(_ ref: String) -> String {
    ref.hasPrefix("refs/heads/") ? String(ref.dropFirst("refs/heads/".count)) : ref
}
