internal import Lifecycle
internal import Vocabulary

/// The message of a landed commit: the contract in the author's place, and trailers that lead to the record.
enum LandingMessage {
    static let subjectCharactersMax = 72
    static let bodyCharactersMax = 2_000

    static func text(for task: TaskLifecycle, of run: RunLifecycle, evidence: Evidence) -> String {
        let title = VisibleText.oneLine(task.task.title, limit: subjectCharactersMax)
        let criteria = task.task.acceptance.map { "* \(VisibleText.oneLine($0, limit: 200))" }.joined(
            separator: "\n")
        let review = VisibleText.oneLine(evidence.verdict.summary, limit: 400)
        var trailers = [
            "Graftwork-Run: \(run.request.run)", "Graftwork-Task: \(task.task.id)",
            "Graftwork-Delta: sha256:\(evidence.candidate.delta.digest)",
            "Reviewed-by-Vendor: \(evidence.verdict.reviewerVendors.map(\.rawValue).joined(separator: ", "))",
        ]
        if !Set(task.authorVendors).isDisjoint(with: evidence.verdict.reviewerVendors) {
            trailers.append("Graftwork-Review: same-vendor")
        }
        if run.request.isRehearsed { trailers.append("Graftwork-Rehearsed: true") }
        trailers += task.authorVendors.map {
            "Co-authored-by: \(task.author.harness.rawValue) (\($0)) <agent@graftwork.localhost>"
        }
        let body = [criteria.isEmpty ? nil : criteria, review.isEmpty ? nil : "Review: \(review)"].compactMap(
            \.self)
        // Only the last paragraph is read as trailers, so nothing a model wrote can pass for one.
        return
            ([title.isEmpty ? "Task \(task.task.id)" : title]
            + body.map { String($0.prefix(bodyCharactersMax)) }
            + [trailers.joined(separator: "\n")]).joined(separator: "\n\n") + "\n"
    }
}
