/// How a worktree's files come to be.
package enum WorktreeBackend: String, Hashable, Sendable, Codable, CaseIterable {
    /// A checkout, unless checking this repository out was measured to take long and overlays work here.
    case auto
    /// Every file is written; a person can look at it while the agent works.
    case checkout
    /// One checkout per base is shared, and each worktree keeps what it changes; there at once, at any size.
    case overlay
}
