import SandboxScene

/// Every sandbox full of attacks is started once, whoever of the tests asks first.
actor AttackRuns {
    static let shared = AttackRuns()

    private struct Start: Hashable {
        let area: String
        let mode: SandboxScene.Mode
        let missing: Set<Protection>
        /// The one that is alone in its sandbox.
        let alone: String?
    }
    private var runs: [Start: Task<[String: AttackOutcome], any Error>] = [:]

    /// How an attack goes with every protection up, or without the protections it is about.
    func outcome(
        of attack: Attack, in area: AttackArea, _ mode: SandboxScene.Mode, without missing: Set<Protection>
    ) async throws -> AttackOutcome {
        let start = Start(
            area: area.name, mode: mode, missing: missing, alone: attack.endsSandbox ? attack.name : nil)
        let run =
            runs[start]
            ?? Task {
                let ground = try await AttackGround(area, mode, without: missing)
                if attack.endsSandbox { return [attack.name: try await ground.tryAlone(attack)] }
                return try await ground.tryAll(
                    area.attacks.filter {
                        !$0.endsSandbox && $0.need?.isMet != false
                            && (missing.isEmpty || ($0.protections == missing && $0.unshown == nil))
                    })
            }
        runs[start] = run
        guard let outcome = try await run.value[attack.name] else {
            throw SceneFailure("\(attack.name) was not tried")
        }
        return outcome
    }
}
