import Linux
import Sandbox
import Vocabulary

/// What sandboxes can show here, tried once per server, when the first worktree asks.
actor LayerKnowledge {
    private let places: SessionPlaces
    private let launcher: @Sendable () throws -> SandboxLauncher
    private var trial: Task<LayerSupport, Never>?

    init(places: SessionPlaces, launcher: @escaping @Sendable () throws -> SandboxLauncher) {
        self.places = places
        self.launcher = launcher
    }

    func support() async -> LayerSupport {
        let trial = trial ?? Task { [places, launcher] in await Self.tried(places, launcher) }
        self.trial = trial
        return await trial.value
    }

    /// Tries it under a uid of its own.
    static func tried(
        _ places: SessionPlaces, _ launcher: @Sendable () throws -> SandboxLauncher
    ) async -> LayerSupport {
        let owner = "layers-\(SystemIdentity.pid)"
        do {
            let launcher = try launcher()
            let uid = try await places.claim(for: owner)
            let support = await LayerProbe.run(launcher: launcher, uid: uid, in: places.state)
            try await places.release(uid, owner: owner)
            return support
        } catch {
            let why = "It could not be tried: \(Problem(error).description)"
            return LayerSupport(overlayProblem: why, sharingProblem: why)
        }
    }
}
