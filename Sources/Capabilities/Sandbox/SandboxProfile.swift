package import Vocabulary

/// What one sandbox shows and permits: everything that is not named here does not exist inside.
package struct SandboxProfile: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case author, reviewer, planner, check, setup
    }
    package var kind: Kind
    /// The worktree as the host sees it; shown at the same path.
    package var worktree: String
    package var treeIsReadOnly: Bool
    /// What is mounted over the worktree's path, for this sandbox alone; nil: the files lie there.
    package var overlay: OverlayLayers?
    /// The one-line file shown, read-only, as `WORKTREE/.git`. nil: the host's own `.git` there is hidden.
    package var gitPointerFile: String?
    /// The agent's own git directory; shown at the same path, writable.
    package var privateGitDirectory: String?
    /// The folder of packs that the git directory borrows from; shown read-only at the same path.
    package var sharedObjects: String?
    /// A directory of the host, shown as `/home/agent` and writable.
    package var home: String
    /// The unix socket of the session's gateway, shown as `/run/egress.sock`. nil: no way out at all.
    package var gatewaySocket: String?
    /// Toolchains and harness programs, shown read-only at the same path.
    package var readOnlyPaths: [String]
    /// Of these, those that the uid cannot reach, with the copies that are shown in their places.
    package var readOnlyCopies: [String: String] = [:]
    /// Added to the sandbox's own variables; names that would carry the user's session inside are refused.
    package var environment: [String: String]
    /// The program, looked up in the sandbox's PATH unless absolute, and its arguments. Anyone on the host
    /// can read them in `/proc`: no secret belongs here.
    package var command: [String]
    /// The uid and gid the sandbox runs as; nil: the caller's own, which must not be root.
    package var uid: UInt32?
    package var limits: SandboxLimits
    /// Every exec inside waits for an ``ExecLedger``.
    package var recordsExecs: Bool

    package init(
        kind: Kind, worktree: String, treeIsReadOnly: Bool = false, gitPointerFile: String? = nil,
        privateGitDirectory: String? = nil, home: String, gatewaySocket: String? = nil,
        readOnlyPaths: [String] = [],
        environment: [String: String] = [:], command: [String], uid: UInt32? = nil,
        limits: SandboxLimits = SandboxLimits(), recordsExecs: Bool = false, overlay: OverlayLayers? = nil,
        sharedObjects: String? = nil
    ) {
        self.kind = kind
        self.worktree = worktree
        self.treeIsReadOnly = treeIsReadOnly
        self.gitPointerFile = gitPointerFile
        self.privateGitDirectory = privateGitDirectory
        self.home = home
        self.gatewaySocket = gatewaySocket
        self.readOnlyPaths = readOnlyPaths
        self.environment = environment
        self.command = command
        self.uid = uid
        self.limits = limits
        self.recordsExecs = recordsExecs
        self.overlay = overlay
        self.sharedObjects = sharedObjects
    }
}
