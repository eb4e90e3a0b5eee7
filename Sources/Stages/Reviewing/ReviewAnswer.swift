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
        switch verdict {
        case "approve": judgement = blocks ? .requestChanges : .approve
        case "changes": judgement = kept.isEmpty ? .incomplete : .requestChanges
        default: judgement = .incomplete
        }
        return Verdict(
            outcome: findings.count > Self.findingsMax ? .incomplete : judgement,
            summary: VisibleText.bounded(summary, limit: Self.textBytesMax), findings: kept,
            tree: candidate.tree,
            delta: candidate.delta.digest, reviewerVendors: outcome.vendors.sorted(),
            isRehearsed: outcome.isRehearsed)
    }

    private static func bounded(_ finding: Finding) -> Finding {
        func text(_ value: String) -> String { VisibleText.bounded(value, limit: textBytesMax) }
        return Finding(
            severity: finding.severity, file: VisibleText.oneLine(finding.file, limit: 500),
            line: finding.line,
            claim: text(finding.claim), why: text(finding.why), suggestion: finding.suggestion.map(text))
    }
}
