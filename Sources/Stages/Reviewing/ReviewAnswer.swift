internal import Vocabulary

/// A reviewer's answer as `Verdict.schema` asks for it: a stranger's words, bounded before they are kept.
struct ReviewAnswer: Codable, Sendable {
    static let findingsMax = 100
    static let textBytesMax = 4_000

    var verdict: String
    var summary: String
    var findings: [Finding]

    /// The verdict on exactly this candidate. An approval that names something blocking asks for changes;
    /// changes without a reason are no review.
    func verdict(on candidate: Candidate, _ outcome: SessionOutcome) -> Verdict {
        let kept = findings.prefix(Self.findingsMax).map(Self.bounded)
        let blocks = kept.contains { $0.severity == .blocking }
        let judgement: Verdict.Outcome
        var why: String?
        switch verdict {
        case _ where findings.count > Self.findingsMax:
            (judgement, why) = (
                .incomplete, "it has more than the \(Self.findingsMax) findings that are read."
            )
        case "approve": judgement = blocks ? .requestChanges : .approve
        case "changes" where kept.isEmpty:
            (judgement, why) = (.incomplete, "it asks for changes and names none.")
        case "changes": judgement = .requestChanges
        default: (judgement, why) = (.incomplete, "its verdict is neither approve nor changes.")
        }
        return Verdict(
            outcome: judgement, summary: why ?? VisibleText.bounded(summary, limit: Self.textBytesMax),
            findings: kept, tree: candidate.tree, delta: candidate.delta.digest,
            reviewerVendors: outcome.vendors.sorted(), isRehearsed: outcome.isRehearsed)
    }

    private static func bounded(_ finding: Finding) -> Finding {
        func text(_ value: String) -> String { VisibleText.bounded(value, limit: textBytesMax) }
        return Finding(
            severity: finding.severity, file: VisibleText.oneLine(finding.file, limit: 500),
            line: finding.line,
            claim: text(finding.claim), why: text(finding.why), suggestion: finding.suggestion.map(text))
    }
}
