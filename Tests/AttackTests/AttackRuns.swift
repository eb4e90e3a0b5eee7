import SandboxScene

/// Every sandbox full of attacks is started once, whoever of the tests asks first.
actor AttackRuns {
    static let shared = AttackRuns()

    private struct Start: Hashable {
        let area: String
        let mode: SandboxScene.Mode
        let missing: Set<Protection>
    }
    private var runs: [Start: Task<[String: AttackOutcome], any Error>] = [:]

    /// How an attack goes with every protection up, or without the protections it is about.
    func outcome(
        of attack: Attack, in area: AttackArea, _ mode: SandboxScene.Mode, without missing: Set<Protection>
    ) async throws -> AttackOutcome {
        let start = Start(area: area.name, mode: mode, missing: missing)
        let run =
            runs[start]
            ?? Task {
                let concerned = area.attacks.filter {
                    missing.isEmpty || ($0.protections == missing && $0.unshown == nil)
                }
                return try await AttackGround(area, mode, without: missing).tryAll(concerned)
            }
        runs[start] = run
        guard let outcome = try await run.value[attack.name] else {
            throw SceneFailure("\(attack.name) was not tried")
        }
        return outcome
    }
}
