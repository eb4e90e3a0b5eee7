package import Vocabulary

/// What must hold for every landing, whatever the policies say: the evidence is there, it is about these
/// bytes, and it is independent.
///
/// Evidence is compared, never trusted: a check counts for the tree it ran on, a verdict for the tree and
/// delta it names.
package struct LandInvariants: Hashable, Sendable {
    /// The tree the target branch would have afterwards.
    package var landingTree: ObjectID
    /// The delta of that tree against the target's head.
    package var landingDelta: Digest
    /// The tree the author's attempt ended with; the same as `landingTree` while the target has not moved.
    package var candidateTree: ObjectID
    package var requiredChecks: [CheckDefinition]
    package var checks: [CheckResult]
    package var verdict: Verdict?
    /// The vendors that answered in the author's sessions, all of them.
    package var authorVendors: [Vendor]
    /// The person chose review by the author's vendor (`review.same-vendor: allow`); the record says so.
    package var permitsSameVendor: Bool
    package var runIsRehearsed: Bool
    /// Any answer in the author's or the reviewer's sessions came from a script.
    package var isEvidenceRehearsed: Bool

    package init(
        landingTree: ObjectID, landingDelta: Digest, candidateTree: ObjectID,
        requiredChecks: [CheckDefinition],
        checks: [CheckResult], verdict: Verdict?, authorVendors: [Vendor], permitsSameVendor: Bool,
        runIsRehearsed: Bool,
        isEvidenceRehearsed: Bool
    ) {
        self.landingTree = landingTree
        self.landingDelta = landingDelta
        self.candidateTree = candidateTree
        self.requiredChecks = requiredChecks
        self.checks = checks
        self.verdict = verdict
        self.authorVendors = authorVendors
        self.permitsSameVendor = permitsSameVendor
        self.runIsRehearsed = runIsRehearsed
        self.isEvidenceRehearsed = isEvidenceRehearsed
    }

    /// Every invariant that does not hold; empty: the change may land as far as these go.
    package var denials: [RuleMatch] { checkDenials + verdictDenials + vendorDenials + rehearsalDenials }

    // MARK: Checks

    private var checkDenials: [RuleMatch] {
        guard !requiredChecks.isEmpty else { return [deny("checks", "The change has no checks to pass.")] }
        return requiredChecks.flatMap(denials(of:))
            + checks.filter { result in
                result.tree == landingTree && !requiredChecks.contains { $0.name == result.name }
                    && result.outcome != .passed
            }.map { deny("checks", "Check \($0.name) did not pass on tree \(landingTree.short).") }
    }

    private func denials(of check: CheckDefinition) -> [RuleMatch] {
        let name = check.name
        guard let result = checks.last(where: { $0.name == name && $0.tree == landingTree }) else {
            let found =
                checks.last { $0.name == name }
                .map { "the result of \(name) is of tree \($0.tree.short), not of" }
                ?? "there is no result of \(name) on tree"
            return [deny("checks", "The checks did not run: \(found) \(landingTree.short).")]
        }
        switch result.outcome {
        case .failed: return [deny("checks", "Check \(check.name) failed on tree \(landingTree.short).")]
        case .timedOut:
            return [deny("checks", "Check \(check.name) ran out of time on tree \(landingTree.short).")]
        case .didNotRun:
            return [
                deny(
                    "checks", "The checks did not run: \(check.name): \(result.reason ?? "no reason given").")
            ]
        case .passed: break
        }
        guard let required = check.requireTests else { return [] }
        guard let count = result.testsRun, count > 0 || required == 0 else {
            return [
                deny(
                    "checks",
                    "Check \(check.name) was an empty test run, and an empty test run is not a pass.")
            ]
        }
        guard count >= required else {
            return [
                deny("checks", "Check \(check.name) ran \(count) tests; at least \(required) are required.")
            ]
        }
        return []
    }

    // MARK: Verdict

    private var verdictDenials: [RuleMatch] {
        guard let verdict else { return [deny("review", "The change was not reviewed.")] }
        var found: [RuleMatch] = []
        switch verdict.outcome {
        case .approve: break
        case .requestChanges: found.append(deny("review", "The reviewer asks for changes."))
        case .incomplete:
            found.append(deny("review", "The review is incomplete, and an incomplete review never passes."))
        }
        if verdict.tree != candidateTree {
            let words = "The verdict names another tree: it is about \(verdict.tree.short), the candidate is "
            found.append(deny("review", words + "\(candidateTree.short)."))
        }
        if verdict.delta != landingDelta {
            found.append(deny("review", "The verdict names another delta than the one about to land."))
        }
        if verdict.outcome == .approve, verdict.findings.contains(where: { $0.severity == .blocking }) {
            found.append(deny("review", "The verdict approves and blocks at once."))
        }
        return found
    }

    // MARK: Independence

    private var vendorDenials: [RuleMatch] {
        var found: [RuleMatch] = []
        if authorVendors.isEmpty {
            found.append(deny("independence", "No vendor answered in the author's sessions."))
        }
        if authorVendors.contains(.unknown) {
            found.append(
                deny(
                    "independence", "The vendor is unknown of a model that answered in the author's sessions."
                ))
        }
        guard let verdict else { return found }
        if verdict.reviewerVendors.isEmpty {
            found.append(deny("independence", "No vendor answered in the reviewer's session."))
        }
        if verdict.reviewerVendors.contains(.unknown) {
            found.append(
                deny(
                    "independence",
                    "The vendor is unknown of a model that answered in the reviewer's session."))
        }
        let shared = Set(authorVendors).intersection(verdict.reviewerVendors).subtracting([.unknown]).sorted()
        if !shared.isEmpty, !permitsSameVendor {
            let names = shared.map(\.rawValue).joined(separator: ", ")
            found.append(deny("independence", "The reviewer vendor is the author's (\(names))."))
        }
        return found
    }

    private var rehearsalDenials: [RuleMatch] {
        guard !runIsRehearsed else { return [] }
        var found: [RuleMatch] = []
        if verdict?.isRehearsed == true {
            found.append(deny("rehearsal", "A rehearsed verdict counts for nothing in a normal run."))
        }
        if isEvidenceRehearsed {
            found.append(deny("rehearsal", "A script answered in a session of this change, in a normal run."))
        }
        return found
    }

    private func deny(_ name: String, _ reason: String) -> RuleMatch { .builtIn(name, .deny, reason) }
}
