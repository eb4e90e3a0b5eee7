/// The three folders of a worktree that is an overlay, as the host sees them.
///
/// Nothing of it is mounted on the host: each sandbox mounts it for itself over the worktree's path.
package struct OverlayLayers: Hashable, Sendable, Codable {
    /// The pristine files of the base, shared by all worktrees of that base and never written.
    package var lower: String
    /// What the worktree differs in: new and changed files, whiteouts, opaque folders.
    package var upper: String
    /// The kernel's own, empty between mounts, on the upper's file system.
    package var work: String
    package init(lower: String, upper: String, work: String) {
        self.lower = lower
        self.upper = upper
        self.work = work
    }
}
