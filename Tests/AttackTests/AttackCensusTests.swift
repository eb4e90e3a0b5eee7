import Fixtures
import SandboxScene
import Testing

/// What is claimed of the attacks as a whole.
@Suite("The attacks, all together", bwrapIsHere)
struct AttackCensusTests {
    private static let areas = [
        AttackArea.files, .network, .processes, .resources, .calls, .git, .pushing,
    ]
    private static let attacks = areas.flatMap(\.attacks)

    @Test("are at least eighty, and no two are called the same")
    func count() {
        #expect(Self.attacks.count >= 80)
        #expect(Set(Self.attacks.map(\.name)).count == Self.attacks.count)
    }

    @Test("each state a protection and how they are judged, or why they cannot be shown")
    func stated() {
        for attack in Self.attacks {
            #expect(!attack.protections.isEmpty || attack.unshown != nil, "\(attack.name)")
            #expect(!attack.refusals.isEmpty || attack.harm != nil, "\(attack.name)")
        }
    }

    /// A suite that forgot those would report them as shown.
    @Test("only those on files, processes and what they leave behind need root to be shown")
    func needingRoot() {
        #expect(
            Self.areas.filter { !$0.shownByRoot.isEmpty }.map(\.name) == ["files", "processes", "resources"])
    }

    @Test("every protection has an attack that succeeds without it")
    func protections() {
        let shown = Self.attacks.filter { $0.unshown == nil }.reduce(into: Set<Protection>()) {
            $0.formUnion($1.protections)
        }
        #expect(Set(Protection.allCases).subtracting(shown) == [])
    }

    /// Two locks on one door: the core pattern is a program that the kernel runs as root.
    @Test(
        "either lock on the kernel's switches holds alone", rootTakesAway,
        arguments: [Protection.readOnlyKernelSwitches, .launcher])
    func locks(missing: Protection) async throws {
        let area = AttackArea(
            name: "switches", needsRepository: false,
            attacks: AttackArea.files.attacks.filter {
                $0.protections == [.readOnlyKernelSwitches, .launcher]
            })
        #expect(area.attacks.count == 3)
        let outcomes = try await AttackGround(area, .sessionUID, without: [missing]).tryAll(area.attacks)
        let refusal = missing == .launcher ? "EROFS" : "EACCES"
        #expect(outcomes.values.map(\.attack) == [String](repeating: refusal, count: area.attacks.count))
    }
}
