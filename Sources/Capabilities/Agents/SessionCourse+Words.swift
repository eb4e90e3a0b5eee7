import Harnesses
import Vocabulary

// What the agent and the record are told about a decision.
extension SessionCourse {
    /// The reasons and what to do instead, as the agent is told.
    static func sentence(_ evaluation: Evaluation) -> String {
        let deciding = evaluation.matched.filter { $0.decision == evaluation.decision }
        let reasons = deciding.map(\.reason).joined(separator: " ")
        let instead = deciding.compactMap(\.instead).joined(separator: " ")
        return [reasons.isEmpty ? "A policy denies it." : reasons, instead].filter { !$0.isEmpty }.joined(
            separator: " ")
    }

    static func unreadable(_ process: Int32, _ reason: String) -> String {
        "An exec of process \(process) was refused, for it could not be read: \(reason)"
    }

    static let recordFilled = HarnessResult.failed(
        .garbage, message: "It filled the record of its session.")

    static func killed(_ count: Int) -> String {
        "The kernel ended \(count) of its processes: its sandbox had no memory left."
    }

    static func tightened(_ evaluation: Evaluation, _ rule: String, _ reason: String) -> Evaluation {
        Evaluation(
            decision: .deny,
            matched: evaluation.matched + [RuleMatch(rule: rule, decision: .deny, reason: reason)])
    }
}
