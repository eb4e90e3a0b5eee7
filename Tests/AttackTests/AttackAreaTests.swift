import Fixtures
import SandboxScene
import Testing

/// Expects that an attack fails for the reason it states, that the host is unharmed, and that the neighbour
/// works.
func expectStopped(_ attack: Attack, in area: AttackArea, _ mode: SandboxScene.Mode) async throws {
    let outcome = try await AttackRuns.shared.outcome(of: attack, in: area, mode, without: [])
    #expect(outcome.neighbour == AttackOutcome.done)
    #expect(outcome.harmed != true)
    if !attack.refusals.isEmpty {
        #expect(
            attack.refusals.contains { outcome.attack.contains($0) },
            "refused with: \(outcome.attack)")
        #expect(outcome.attack != AttackOutcome.done)
    }
}

/// Expects that it succeeds as soon as its protections are away.
func expectSuccess(_ attack: Attack, in area: AttackArea) async throws {
    let outcome = try await AttackRuns.shared.outcome(
        of: attack, in: area, SandboxScene.Mode.available[0], without: attack.protections)
    #expect(outcome.harmed != false, "it answered: \(outcome.attack)")
    if !attack.refusals.isEmpty { #expect(outcome.attack == AttackOutcome.done) }
}

extension AttackArea {
    /// Attacks that every machine can try.
    var everywhere: [Attack] { attacks.filter { $0.need == nil } }
    /// Attacks whose success every user can see.
    var shown: [Attack] { everywhere.filter { $0.unshown == nil && !$0.needsRootToShow } }
    var shownByRoot: [Attack] { everywhere.filter { $0.unshown == nil && $0.needsRootToShow } }

    func needing(_ need: AttackNeed) -> [Attack] { attacks.filter { $0.need == need } }
    func shownNeeding(_ need: AttackNeed) -> [Attack] { needing(need).filter { $0.unshown == nil } }
}

let rootTakesAway: ConditionTrait = .enabled(
    if: Requirement.isRoot,
    "needs root: these protections are taken away only from a sandbox with a uid of its own")
let gitIsHere: ConditionTrait = .enabled(
    if: Requirement.has("git"), "needs the program git")

/// One sandbox full of attacks at a time: each is small, and other tests want to go on meanwhile.
@Suite("An agent's attacks, one by one", bwrapIsHere, gitIsHere, .serialized)
struct AttackAreaTests {

    @Suite("An agent that attacks files")
    struct FileAreaTests {
        private static let area = AttackArea.files

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
        @Test("succeeds without what only root can take away", rootTakesAway, arguments: area.shownByRoot)
        func shownByRoot(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }

    @Suite("An agent that attacks the network")
    struct NetworkAreaTests {
        private static let area = AttackArea.network

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }

        @Test(
            "is refused by IPv6, and may do what lies beside it", AttackNeed.ipv6.trait,
            arguments: area.needing(AttackNeed.ipv6), SandboxScene.Mode.available)
        func ipv6Stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test(
            "succeeds by IPv6 without its protection", AttackNeed.ipv6.trait,
            arguments: area.shownNeeding(AttackNeed.ipv6))
        func ipv6Shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }

    @Suite("An agent that attacks other processes")
    struct ProcessAreaTests {
        private static let area = AttackArea.processes

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
        @Test("succeeds without what only root can take away", rootTakesAway, arguments: area.shownByRoot)
        func shownByRoot(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }

    @Suite("An agent that uses more than its share of the machine")
    struct ResourceAreaTests {
        private static let area = AttackArea.resources

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
        @Test("succeeds without what only root can take away", rootTakesAway, arguments: area.shownByRoot)
        func shownByRoot(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }

    @Suite("An agent that attacks by system calls")
    struct CallAreaTests {
        private static let area = AttackArea.calls

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }

        @Test(
            "is refused by machine code, and may do what lies beside it", AttackNeed.x86.trait,
            arguments: area.needing(AttackNeed.x86), SandboxScene.Mode.available)
        func machineCodeStopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test(
            "succeeds by machine code without its protection", AttackNeed.x86.trait,
            arguments: area.shownNeeding(AttackNeed.x86))
        func machineCodeShown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }

    @Suite("An agent that attacks the user's repository")
    struct GitAreaTests {
        private static let area = AttackArea.git

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }

    @Suite("An agent that pushes by any trick")
    struct PushAreaTests {
        private static let area = AttackArea.pushing

        @Test(
            "is refused, and may do what lies beside it", arguments: area.everywhere,
            SandboxScene.Mode.available)
        func stopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test("succeeds without its protection", arguments: area.shown)
        func shown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }

        @Test(
            "is refused by npm, and may do what lies beside it", AttackNeed.program("npm").trait,
            arguments: area.needing(AttackNeed.program("npm")), SandboxScene.Mode.available)
        func npmStopped(attack: Attack, mode: SandboxScene.Mode) async throws {
            try await expectStopped(attack, in: Self.area, mode)
        }
        @Test(
            "succeeds by npm without its protection", AttackNeed.program("npm").trait,
            arguments: area.shownNeeding(AttackNeed.program("npm")))
        func npmShown(attack: Attack) async throws { try await expectSuccess(attack, in: Self.area) }
    }
}
