import Testing

/// One thing that an agent tries, what stops it, and its allowed neighbour, which must go on working.
///
/// `tries` and `neighbour` are the bodies of Python functions that run inside the sandbox, each in a process
/// and a folder of its own, and have what ``AttackScript`` offers. One that returns has succeeded; an
/// exception is its refusal.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    /// With all of them taken away it succeeds.
    let protections: Set<Protection>
    let tries: String
    /// What its refusal says; one of these is part of it. Empty: it is judged by `harm` alone.
    let refusals: [String]
    let neighbour: String
    /// Whether the host was harmed, seen from the host after everything inside has ended.
    let harm: (@Sendable (AttackGround) async throws -> Bool)?
    /// Why no machine can show that it succeeds without its protections.
    let unshown: String?
    /// nil: every machine can try it.
    let need: AttackNeed?
    /// The sandbox as a whole is ended for it. It then calls `used()` when it has what it wants, and goes on
    /// until it is ended, or told to stop.
    let endsSandbox: Bool

    init(
        _ name: String, stoppedBy protections: Set<Protection>, refusal refusals: String...,
        tries: String, neighbour: String, unshown: String? = nil, need: AttackNeed? = nil,
        endsSandbox: Bool = false,
        harm: (@Sendable (AttackGround) async throws -> Bool)? = nil
    ) {
        self.name = name
        self.protections = protections
        self.tries = tries
        self.refusals = refusals
        self.neighbour = neighbour
        self.harm = harm
        self.unshown = unshown
        self.need = need
        self.endsSandbox = endsSandbox
    }

    var testDescription: String { name }

    /// Whether its protections can be taken away only where the sandbox has a uid of its own.
    var needsRootToShow: Bool { protections.contains { $0.needsRootToTakeAway } }
}

/// How one attack went.
struct AttackOutcome: Hashable, Sendable {
    static let done = "done"
    /// `done`, or the refusal.
    let attack: String
    /// `done`, or what went wrong. Not tried when protections are away.
    let neighbour: String
    /// nil: nobody asks.
    let harmed: Bool?
}

/// Attacks that are tried one after the other on the same ground, in one sandbox.
struct AttackArea: Sendable {
    let name: String
    let needsRepository: Bool
    let attacks: [Attack]
}
