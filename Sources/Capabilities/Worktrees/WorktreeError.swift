package import Vocabulary

/// Why something could not be done with a repository or one of its worktrees.
package enum WorktreeError: ExplainedError, Hashable {
    case notARepository(path: String)
    case bareRepository(path: String)
    /// The branch has no commit yet, so there is nothing to start from.
    case emptyRepository(path: String, branch: String)
    /// HEAD names no branch, and no target branch was asked for.
    case detachedHead(path: String)
    case invalidBranchName(name: String)
    case noSuchBranch(name: String, path: String)
    /// A feature of git that would be handled wrongly if it were ignored.
    case unsupportedExtension(name: String, path: String, hint: String)
    case wrongOwner(path: String, owner: UInt32, user: UInt32)
    case branchInUse(branch: String, path: String)
    /// A branch of that name holds somebody's commits.
    case branchTaken(branch: String, commit: ObjectID?)
    /// A ref stands where the folder of our own refs has to be.
    case nameTaken(ref: String)
    /// A run or task name that does not fit into a branch name and a path.
    case invalidName(name: String)
    /// The worktree exists already, made from another commit.
    case preparedFromAnotherBase(path: String, base: ObjectID)
    case noSuchWorktree(path: String)
    /// Where an overlay is to be opened lies what somebody else put there.
    case placeTaken(path: String, names: [String])
    case noSuchSnapshot(worktree: String, number: Int, known: [Int])
    case diskFull(path: String)
    /// More than the named limit of a snapshot.
    case tooLarge(path: String, what: String, limit: Int)
    case file(path: String, message: String)
    case noSuchObject(id: ObjectID)
    /// The ref did not stand where it was expected to stand.
    case refMoved(ref: String, expected: ObjectID?)
    /// After a landing the target was not what was landed.
    case landingNotProven(ref: String, expected: ObjectID, actual: ObjectID?)
    case git(operation: String, message: String, hint: String? = nil)
    case cancelled(operation: String)
    /// Removing it would lose files that no snapshot can hold.
    case unsaved(worktree: String, notes: [String])
    /// Who asked for it has a reason why it may not be done just now.
    case inUse(Problem)
    /// Another process holds a lock of this store.
    case locked(path: String)

    private static let branchPrefix = "refs/heads/"

    private static func shown(_ ref: String) -> String {
        ref.hasPrefix(branchPrefix) ? "The branch \(ref.dropFirst(branchPrefix.count))" : "The ref \(ref)"
    }

    private static func renaming(_ ref: String) -> String {
        ref.hasPrefix(branchPrefix)
            ? "Rename it with `git branch -m \(ref.dropFirst(branchPrefix.count)) OTHER`."
            : "Keep it as a branch with `git branch OTHER \(ref)`, and remove it: `git update-ref -d \(ref)`."
    }

    private static let shownNumbersMax = 20

    package var description: String {
        switch self {
        case .notARepository(let path): "\(path) is not inside a git repository."
        case .bareRepository(let path): "\(path) is a bare repository: it has no files to work on."
        case .emptyRepository(let path, let branch): "The branch \(branch) of \(path) has no commit yet."
        case .detachedHead(let path): "HEAD of \(path) is detached, so there is no branch to land on."
        case .invalidBranchName(let name): "\(VisibleText.quoted(name)) cannot be the name of a branch."
        case .noSuchBranch(let name, let path): "There is no branch \(VisibleText.quoted(name)) in \(path)."
        case .unsupportedExtension(let name, let path, _): "\(path) uses \(name), which is not supported yet."
        case .wrongOwner(let path, let owner, let user):
            "\(path) belongs to user \(owner), but this runs as user \(user)."
        case .branchInUse(let branch, let path): "The branch \(branch) is already checked out at \(path)."
        case .branchTaken(let branch, let commit):
            "A branch \(branch) exists already and stands at \(commit?.short ?? "nothing")."
        case .nameTaken(let ref):
            "\(Self.shown(ref)) is in the way: the names of Graftwork's own begin with it and a slash."
        case .invalidName(let name): "\(VisibleText.quoted(name)) does not fit into a branch name and a path."
        case .preparedFromAnotherBase(let path, let base):
            "The worktree \(path) exists already and was made from \(base.short)."
        case .noSuchWorktree(let path): "There is no worktree at \(path)."
        case .placeTaken(let path, let names):
            "\(path) holds files that are not the worktree's own: "
                + names.prefix(Self.shownNumbersMax).map { VisibleText.quoted($0) }.joined(separator: ", ")
                + "."
        case .noSuchSnapshot(let worktree, let number, _):
            "The worktree \(VisibleText.quoted(worktree)) has no snapshot \(number)."
        case .diskFull(let path): "There is no space left on the disk that holds \(path)."
        case .tooLarge(let path, let what, let limit): "\(path) has more than \(limit) \(what)."
        case .file(let path, let message): "\(VisibleText.quoted(path)) could not be used: \(message)."
        case .noSuchObject(let id): "The repository has no object \(id.short)."
        case .refMoved(let ref, let expected):
            "\(ref) moved while it was being changed; it was expected at \(expected?.short ?? "nothing")."
        case .landingNotProven(let ref, let expected, let actual):
            "After landing \(expected.short), \(ref) stands at \(actual?.short ?? "nothing")."
        case .git(let operation, let message, _): "git could not \(operation): \(message)"
        case .cancelled(let operation): "It was cancelled before git could \(operation)."
        case .unsaved(let worktree, let notes):
            "The worktree \(worktree) holds what no snapshot can: \(notes.prefix(3).joined(separator: " "))"
        case .inUse(let problem): problem.description
        case .locked(let path): "Another process holds \(path)."
        }
    }

    package var hint: String? {
        switch self {
        case .notARepository: "Go into a repository, name one with `-C DIR`, or make one with `git init`."
        case .bareRepository: "Clone it and work in the clone."
        case .emptyRepository: "Make a first commit, for example with `git commit --allow-empty -m start`."
        case .detachedHead: "Name the branch to land on with `--into BRANCH`."
        case .invalidBranchName: "Ask `git check-ref-format --branch NAME` which names are possible."
        case .noSuchBranch: "List the branches with `git branch`, or make it with `git branch NAME`."
        case .unsupportedExtension(_, _, let hint): hint
        case .wrongOwner(_, let owner, _):
            "Run graftwork as user \(owner): files it wrote there as somebody else would lock the owner out."
        case .branchInUse(_, let path):
            "Check out another branch there with `git -C \(path) switch OTHER`, or start a new run."
        case .branchTaken(let branch, _): "Rename it with `git branch -m \(branch) NEW`, or start a new run."
        case .nameTaken(let ref): Self.renaming(ref)
        case .invalidName: "Use up to \(WorktreeName.lengthMax) lower-case letters, digits and hyphens."
        case .preparedFromAnotherBase: "Remove it with `graftwork worktree rm`, or start a new run."
        case .noSuchSnapshot(_, _, let known):
            known.isEmpty
                ? "It has none; `graftwork worktree ls` lists the worktrees."
                : "It has \(known.map(String.init).suffix(Self.shownNumbersMax).joined(separator: ", "))."
        case .noSuchWorktree: "List them with `graftwork worktree ls`."
        case .placeTaken: "Move them elsewhere and open it again."
        case .diskFull: "Make room and try again with `graftwork resume`; nothing was lost."
        case .tooLarge:
            """
            Add what is generated to .gitignore. A worktree of which no snapshot can be taken is removed by \
            `graftwork worktree rm … --discard-unsaved`.
            """
        case .file: "Look at the file's permissions and at the disk."
        case .noSuchObject: "Look for damage with `git fsck`."
        case .refMoved: "Try again; somebody else is at work in this repository."
        case .landingNotProven: "Look at `git reflog` of the branch to see who moved it."
        case .git(_, _, let hint): hint
        case .cancelled: nil
        case .unsaved(let worktree, _):
            """
            Take it out of `graftwork worktree open \(worktree)`, or lose it with \
            `graftwork worktree rm \(worktree) --discard-unsaved`.
            """
        case .inUse(let problem): problem.hint
        case .locked: "Wait until the other server has ended, or stop it."
        }
    }

    package var blame: Blame {
        switch self {
        case .notARepository, .bareRepository, .emptyRepository, .detachedHead, .invalidBranchName,
            .noSuchBranch,
            .preparedFromAnotherBase, .noSuchWorktree, .placeTaken, .noSuchSnapshot, .branchInUse,
            .branchTaken, .nameTaken:
            .user
        case .unsupportedExtension, .wrongOwner, .diskFull, .file, .noSuchObject, .refMoved,
            .landingNotProven, .git,
            .cancelled, .locked:
            .environment
        case .tooLarge, .unsaved: .agent
        case .inUse(let problem): problem.blame
        case .invalidName: .us
        }
    }

    package var exitCode: ExitCode {
        switch self {
        case .notARepository, .bareRepository, .emptyRepository, .detachedHead, .invalidBranchName,
            .noSuchBranch, .noSuchSnapshot, .nameTaken:
            .usage
        case .unsupportedExtension, .wrongOwner, .branchInUse, .branchTaken, .invalidName,
            .preparedFromAnotherBase,
            .noSuchWorktree, .placeTaken, .diskFull, .tooLarge, .file, .noSuchObject, .refMoved,
            .landingNotProven, .git,
            .cancelled, .unsaved,
            .locked:
            .failed
        case .inUse(let problem): problem.exitCode
        }
    }
}
