package import Lifecycle
package import Vocabulary
package import Workflows

/// Values of a run that tests and simulations begin from.
package enum SampleRun {
    package static let builder = AgentDefinition(
        name: AgentName("builder"), harness: .codex, upstream: "openai")
    package static let second = AgentDefinition(
        name: AgentName("second"), harness: .claude, upstream: "anthropic")

    package static func workflow(
        maxParallel: Int = 2, sendBackMax: Int = 2, retryMax: Int = 1, rounds: Int = 2,
        approvalAbove: Int? = nil,
        stopAt: Money? = nil
    ) -> Workflow {
        Workflow(
            name: "feature", description: "Sample", inputs: [], agents: [],
            budget: Workflow.Budget(stopAt: stopAt),
            jobs: [
                Workflow.Job(
                    name: "plan", needs: [],
                    verb: .plan(
                        Workflow.PlanJob(
                            agent: AgentName("planner"), template: "plan", maxTasks: 8,
                            approvalAboveTasks: approvalAbove))),
                Workflow.Job(
                    name: "build", needs: ["plan"],
                    verb: .author(
                        Workflow.AuthorJob(
                            agents: [builder.name, second.name], template: "implement",
                            maxParallel: maxParallel,
                            timeoutMinutes: 45, retryMax: retryMax, checks: [],
                            review: Workflow.Review(
                                agent: AgentName("reviewer"), template: "review", rounds: rounds),
                            sendBackMax: sendBackMax))),
                Workflow.Job(name: "land", needs: ["build"], verb: .land(Workflow.LandJob(into: nil))),
            ])
    }

    package static func request(
        workflow: Workflow = workflow(), answersYes: Bool = false, planOnly: Bool = false
    ) -> RunRequest {
        RunRequest(
            run: RunID("r1"), goal: "Add paging", person: "ada", repository: "/home/ada/project",
            target: "refs/heads/main",
            base: ObjectID("base"), workflow: workflow,
            agents: RunAgents(planner: second, authors: [builder, second], reviewers: [second, builder]),
            upstreams: [
                Upstream(
                    name: "openai", dialect: .openaiResponses, baseURL: "https://api.openai.com",
                    vendor: .fixed(vendor: .openai), credential: .none),
                Upstream(
                    name: "anthropic", dialect: .anthropicMessages, baseURL: "https://api.anthropic.com",
                    vendor: .fixed(vendor: .anthropic), credential: .none),
            ], policies: [],
            checks: [CheckDefinition(name: "tests", command: .argv(["true"]), origin: "sample")],
            templates: [:],
            toolchains: [], answersYes: answersYes, planOnly: planOnly, allowsSameVendor: false,
            updateCheckout: true,
            rehearsal: nil)
    }

    package static func task(_ id: String, dependsOn: [String] = []) -> PlannedTask {
        PlannedTask(
            id: TaskID(id), title: "Task \(id)", instructions: "Do \(id)", acceptance: ["It works"],
            dependsOn: dependsOn.map(TaskID.init))
    }

    package static func plan(_ tasks: PlannedTask...) -> Plan { Plan(summary: "Sample", tasks: tasks) }

    package static func candidate(_ tree: String, base: String = "base", delta: String? = nil) -> Candidate {
        Candidate(
            base: ObjectID(base), baseTree: ObjectID("\(base)-tree"), commit: ObjectID("\(tree)-commit"),
            tree: ObjectID(tree),
            delta: Delta(
                entries: [
                    Delta.Entry(
                        path: "a", oldMode: 0o100644, newMode: 0o100644, oldBlob: ObjectID("o"),
                        newBlob: ObjectID(tree),
                        addedLines: 1, removedLines: 0)
                ], digest: Digest(delta ?? "delta-\(tree)")))
    }

    package static func results(_ tree: String, _ outcome: CheckResult.Outcome = .passed) -> [CheckResult] {
        [
            CheckResult(
                name: "tests", outcome: outcome, tree: ObjectID(tree), exitCode: outcome == .passed ? 0 : 1,
                testsRun: 3,
                seconds: 0.1, outputTail: "")
        ]
    }

    package static func verdict(
        _ outcome: Verdict.Outcome, of candidate: Candidate, by vendor: Vendor = .anthropic
    ) -> Verdict {
        Verdict(
            outcome: outcome, summary: "Looked at it", findings: [], tree: candidate.tree,
            delta: candidate.delta.digest,
            reviewerVendors: [vendor], isRehearsed: false)
    }

    package static let worktree = WorktreeRecord(
        path: "/w", branch: "graftwork/r1/a", base: ObjectID("base"), privateGitDirectory: "/g",
        gitPointerFile: "/p", uid: nil)

    package static func problem(_ words: String = "Something failed.") -> Problem {
        Problem(words, blame: .agent)
    }
    package static func allowed() -> Evaluation { Evaluation(decision: .allow, matched: []) }
    package static func evaluation(_ decision: Decision) -> Evaluation {
        Evaluation(
            decision: decision, matched: [RuleMatch(rule: "sample", decision: decision, reason: "because")])
    }
}
