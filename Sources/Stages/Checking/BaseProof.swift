package import Lifecycle
package import Provisioning
package import Vocabulary

/// Judges the checks that ran on the base, before anything is spent.
package enum BaseProof {
    /// What a person must be asked before anything is copied; nil where nothing is raw, or just this was
    /// answered.
    package static func question(about copies: CopySet, of run: RunLifecycle) -> ApprovalRequest? {
        guard let digest = copies.rawDigest, digest != run.approvedCopies else { return nil }
        let names = copies.raw.map(\.path)
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return ApprovalRequest(
            id: ApprovalID("\(run.request.run)-copy-\(digest.rawValue.prefix(8))"), task: nil,
            subject: .copy(files: copies.raw, digest: digest),
            text: "Let agents read \(names.prefix(5).joined(separator: ", "))\(more) as they are",
            evaluation: Evaluation(
                decision: .ask,
                matched: [
                    RuleMatch(
                        rule: "worktree copy raw", decision: .ask,
                        reason:
                            "They look like secrets, and `raw: true` asks for a copy without placeholders.")
                ]))
    }

    /// A set-up that fails on the base refuses it: no agent could work there, and no check would say why.
    package static func refusal(
        _ error: SetupError, of run: RunLifecycle,
        obstacle: @escaping MissingProgram.Obstacle = { _, _ in nil }
    ) -> RunFact {
        var missing = ""
        if case .commandFailed(let command, _, let lines) = error {
            missing =
                MissingProgram.names(in: lines.joined(separator: "\n"), of: .script(command)).lazy
                .compactMap { obstacle($0, run.request.toolchains) }.first.map { "\n\($0)." } ?? ""
        }
        return .baseRefused(
            problem: Problem(
                """
                The base \(run.request.base.short) of \(run.request.targetBranch) could not be set up, and \
                nothing was spent. \(error.description)\(missing)
                """,
                hint: error.hint, blame: error.blame, exitCode: .held),
            results: [])
    }

    package static func fact(_ results: [CheckResult], of run: RunLifecycle) -> RunFact {
        let base = "the base \(run.request.base.short) of \(run.request.targetBranch)"
        guard !results.isEmpty else {
            return .baseRefused(
                problem: Problem(
                    "There are no checks to prove \(base) with.", hint: CheckDefinition.howToState,
                    blame: .configuration,
                    exitCode: .held),
                results: [])
        }
        guard let bad = results.first(where: { $0.outcome != .passed }) else {
            return .baseProven(results: results)
        }
        let why = bad.reason.map { ": \($0)" } ?? ""
        let again = "then `graftwork resume \(run.request.run)`."
        let problem: Problem
        switch bad.outcome {
        case .failed, .passed:
            problem = Problem(
                "The check \(bad.name) fails on \(base)\(why). Nothing was spent.",
                hint: "Mend the branch and run it again, or name the right check in .graftwork/config.yaml.",
                blame: .user,
                exitCode: .held)
        case .didNotRun:
            problem = Problem(
                "The check \(bad.name) did not run on \(base)\(why). Nothing was spent.",
                hint: """
                    Install what it needs, or name its folder under `toolchains:` in your configuration, \
                    \(again)
                    """,
                blame: .environment,
                exitCode: .held)
        case .timedOut:
            problem = Problem(
                "The check \(bad.name) ran out of time on \(base)\(why). Nothing was spent.",
                hint: "Raise its `timeout-minutes:` in .graftwork/config.yaml.", blame: .configuration,
                exitCode: .held)
        }
        return .baseRefused(problem: problem, results: results)
    }
}
