/// What the sandboxes of this machine can show beyond folders as they lie on disk, found by trying.
package struct LayerSupport: Hashable, Sendable, Codable {
    /// Why a worktree cannot be an overlay, as a sentence; nil when it can.
    package var overlayProblem: String?
    /// Why what belongs to the server cannot be shown as a session's own, as a sentence; nil when it can.
    package var sharingProblem: String?

    package init(overlayProblem: String?, sharingProblem: String?) {
        self.overlayProblem = overlayProblem
        self.sharingProblem = sharingProblem
    }

    package static let full = LayerSupport(overlayProblem: nil, sharingProblem: nil)
    /// Nothing was tried, so nothing is relied on.
    package static let untried = LayerSupport(
        overlayProblem: "It was not tried whether overlays work on this machine.",
        sharingProblem: "It was not tried whether folders can be shown as a session's own.")
}
