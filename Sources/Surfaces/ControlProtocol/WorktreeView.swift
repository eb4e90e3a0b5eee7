package import Vocabulary

/// One worktree as a person sees it.
package struct WorktreeView: Hashable, Sendable, Codable {
    package var run: RunID
    package var task: TaskID
    package var path: String
    package var branch: String
    /// nil: no task of the journal has this worktree.
    package var state: TaskState?
    package var runState: RunState?
    package var snapshots: Int
    /// The paths in which the newest snapshot differs from the base; nil while there is none.
    package var changedPaths: Int?
    /// nil: not measured.
    package var bytesOnDisk: Int64?
    /// The session that is at work in it.
    package var session: SessionID?
    /// Its files are there.
    package var isPresent: Bool
    /// Its files are layers over a shared checkout, seen at `path` only inside a sandbox.
    package var isOverlay: Bool
    /// Nothing in the journal needs it: it was adopted, and stays until somebody removes it.
    package var isOrphan: Bool
    /// Its task gave it up and a person brought it back, or it holds what no snapshot can: it stays until
    /// somebody removes it.
    package var isKept: Bool
    /// It is being removed, and how far that is.
    package var removal: String?
    package var collisions: [Collision]
    /// Why less is known of it than of the others, one sentence.
    package var problem: String?
    /// As commands take it.
    package var name: String { "\(run)/\(task)" }

    package init(
        run: RunID, task: TaskID, path: String, branch: String, state: TaskState?, snapshots: Int,
        runState: RunState? = nil, changedPaths: Int? = nil, bytesOnDisk: Int64? = nil,
        session: SessionID? = nil, isPresent: Bool = true, isOverlay: Bool = false, isOrphan: Bool = false,
        isKept: Bool = false, removal: String? = nil, collisions: [Collision] = [], problem: String? = nil
    ) {
        self.run = run
        self.task = task
        self.path = path
        self.branch = branch
        self.state = state
        self.runState = runState
        self.snapshots = snapshots
        self.changedPaths = changedPaths
        self.bytesOnDisk = bytesOnDisk
        self.session = session
        self.isPresent = isPresent
        self.isOverlay = isOverlay
        self.isOrphan = isOrphan
        self.isKept = isKept
        self.removal = removal
        self.collisions = collisions
        self.problem = problem
    }
}
