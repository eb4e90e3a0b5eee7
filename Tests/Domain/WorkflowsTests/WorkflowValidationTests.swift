import Testing
import Vocabulary
import Workflows

@Suite("A workflow") struct WorkflowValidationTests {
    /// A workflow that can be run; each test spoils one thing.
    private var good: Workflow {
        Workflow(
            name: "feature", description: "", inputs: [],
            agents: [
                .init(name: AgentName("planner")), .init(name: AgentName("builder")),
                .init(name: AgentName("reviewer"), vendor: .other),
            ], budget: .init(),
            jobs: [
                .init(
                    name: "plan", needs: [],
                    verb: .plan(
                        .init(
                            agent: AgentName("planner"), template: "plan", maxTasks: 8,
                            approvalAboveTasks: nil))),
                .init(name: "build", needs: ["plan"], verb: .author(goodAuthor)),
                .init(name: "land", needs: ["build"], verb: .land(.init(into: nil))),
            ])
    }
    private var goodAuthor: Workflow.AuthorJob {
        .init(
            agents: [AgentName("builder")], template: "implement", maxParallel: 4, timeoutMinutes: 45,
            retryMax: 1, checks: [],
            review: .init(agent: AgentName("reviewer"), template: "review", rounds: 2), sendBackMax: 2)
    }

    private func refusal(_ change: (inout Workflow) -> Void) -> String? {
        var workflow = good
        change(&workflow)
        do {
            try workflow.validate()
            return nil
        } catch {
            return error.description
        }
    }
    private func authorRefusal(_ change: (inout Workflow.AuthorJob) -> Void) -> String? {
        var job = goodAuthor
        change(&job)
        return refusal { $0.jobs[1].verb = .author(job) }
    }

    @Test("is one plan job, one author job that needs it and one land job that needs that")
    func chain() {
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.jobs.reverse() } == nil)
        #expect(refusal { $0.jobs.remove(at: 0) } == "The workflow has no plan job.")
        #expect(refusal { $0.jobs.remove(at: 1) } == "The workflow has no author job.")
        #expect(refusal { $0.jobs.removeLast() } == "The workflow has no land job.")
        #expect(
            refusal { $0.jobs.append(.init(name: "again", needs: [], verb: .land(.init(into: nil)))) }
                == "The workflow has 2 land jobs (land, again); it may have one.")
        #expect(refusal { $0.jobs[1].needs = [] } == "Job build needs nothing, not plan alone.")
        #expect(
            refusal { $0.jobs[2].needs = ["plan"] } == "Job land needs plan, not build alone.")
        #expect(
            refusal { $0.jobs[0].needs = ["land"] } == "Job plan needs land, not nothing alone.")
        #expect(
            refusal { $0.jobs[2].needs = ["build", "plan"] }
                == "Job land needs build, plan, not build alone.")
    }

    @Test("names only agents it defines, and gives work to somebody in particular")
    func namedAgents() {
        #expect(
            refusal { $0.agents.removeFirst() }
                == "Job plan names agent planner, which the workflow does not define.")
        #expect(
            refusal { $0.agents.removeLast() }
                == "Job build names agent reviewer, which the workflow does not define.")
        #expect(authorRefusal({ $0.agents = [] }) == "Job build names no agent.")
        #expect(
            refusal { $0.agents[1].vendor = .other }
                == """
                Job build gives work to agent builder of vendor "other", but only a reviewer can \
                be other.
                """
        )
        #expect(
            refusal {
                $0.agents[1].vendor = .exactly(.openai)
                $0.agents[2].vendor = .exactly(.openai)
            }
                == """
                Job build has its changes written and reviewed by openai, and a review needs another \
                vendor.
                """
        )
        #expect(
            refusal {
                $0.agents[1].vendor = .exactly(.openai)
                $0.agents[2].vendor = .exactly(.mistral)
            } == nil)
        #expect(
            refusal { $0.agents[2].model = "opus" }
                == """
                Job build is reviewed by agent reviewer, which pins a model but may be of any other \
                vendor.
                """
        )
        #expect(
            refusal {
                $0.agents[2].model = "opus"
                $0.agents[2].harness = .claude
            } == nil)
    }

    @Test("keeps every number inside its limits")
    func ranges() {
        #expect(
            authorRefusal({ $0.maxParallel = 0 }) == "Job build sets max-parallel to 0; it may be 1 to 64.")
        #expect(
            authorRefusal({ $0.timeoutMinutes = 1_441 })
                == "Job build sets timeout-minutes to 1441; it may be 1 to 1440.")
        #expect(authorRefusal({ $0.retryMax = -1 }) == "Job build sets retry.max to -1; it may be 0 to 5.")
        #expect(
            authorRefusal({ $0.sendBackMax = 11 }) == "Job build sets send-back to 11; it may be 0 to 10.")
        #expect(
            authorRefusal({ $0.review.rounds = 0 }) == "Job build sets review.rounds to 0; it may be 1 to 5.")
        let check = CheckDefinition(name: "t", command: .argv(["t"]), origin: "")
        #expect(authorRefusal({ $0.checks = [check, check] }) == "Job build has two checks named t.")
        let plan = Workflow.PlanJob(
            agent: AgentName("planner"), template: "plan", maxTasks: 51, approvalAboveTasks: nil)
        #expect(
            refusal { $0.jobs[0].verb = .plan(plan) } == "Job plan sets max-tasks to 51; it may be 1 to 50.")
    }
}

@Suite("The reviewer") struct ReviewerChoiceTests {
    private func candidate(_ name: String, _ vendor: Vendor?, model: String? = nil) -> ReviewerCandidate {
        ReviewerCandidate(
            agent: AgentDefinition(name: AgentName(name), harness: .builtIn, model: model, upstream: name),
            expectedVendor: vendor)
    }
    private func choose(
        _ authors: Set<Vendor>, _ candidates: [ReviewerCandidate], same: Bool = false,
        models: Set<String> = []
    ) throws(ReviewerError) -> String {
        let choice = try ReviewerChoice.reviewer(
            for: authors, authorModels: models, among: candidates, permitsSameVendor: same)
        return choice.agent.name.rawValue + (choice.isSameVendor ? " (same vendor)" : "")
    }

    @Test("is the first configured agent of a vendor that did not write the change")
    func first() throws {
        let candidates = [candidate("a", .anthropic), candidate("o", .openai), candidate("m", .mistral)]
        #expect(try choose([.anthropic], candidates) == "o")
        #expect(try choose([.openai], candidates) == "a")
        #expect(try choose([.anthropic, .openai], candidates) == "m")
        #expect(try choose([.anthropic], candidates, same: true) == "o")
    }

    @Test("is nobody when every vendor wrote the change, with the two ways on")
    func none() {
        let candidates = [candidate("a", .anthropic), candidate("x", nil), candidate("u", .unknown)]
        #expect {
            try choose([.anthropic], candidates)
        } throws: { error in
            let error = error as? ReviewerError
            return error == .noSecondVendor(authors: [.anthropic], configured: [.anthropic])
                && error?.exitCode == .held
                && error?.hint?.contains("same-vendor: allow") == true
                && error?.description
                    == """
                    The change was written by anthropic, and no configured agent is of another vendor \
                    (configured: anthropic).
                    """
        }
    }

    @Test("is a second model of the same vendor only when the person chose that")
    func sameVendor() throws {
        let candidates = [
            candidate("a", .anthropic, model: "opus"), candidate("b", .anthropic, model: "sonnet"),
        ]
        #expect(try choose([.anthropic], candidates, same: true, models: ["opus"]) == "b (same vendor)")
        #expect(try choose([.anthropic], candidates, same: true) == "a (same vendor)")
        #expect(throws: ReviewerError.self) { try choose([.anthropic], [candidate("x", nil)], same: true) }
    }

    @Test("is nobody while it is unknown who wrote the change", arguments: [false, true])
    func unknown(same: Bool) {
        let candidates = [candidate("o", .openai)]
        #expect(throws: ReviewerError.noVendorAnswered) { try choose([], candidates, same: same) }
        #expect(throws: ReviewerError.authorVendorUnknown) {
            try choose([.unknown, .anthropic], candidates, same: same)
        }
    }

    @Test("is expected to be of the vendor its upstream promises for the model")
    func expectation() {
        func upstream(_ rule: VendorRule) -> Upstream {
            Upstream(name: "u", dialect: .openaiChat, baseURL: "https://x", vendor: rule, credential: .none)
        }
        #expect(upstream(.fixed(vendor: .openai)).expectedVendor(model: nil) == .openai)
        let gateway = upstream(
            .byModel(prefixes: ["gpt": .openai, "gpt-oss": Vendor("other"), "claude": .anthropic]))
        #expect(gateway.expectedVendor(model: "gpt-5") == .openai)
        #expect(gateway.expectedVendor(model: "gpt-oss-20b") == Vendor("other"))
        #expect(gateway.expectedVendor(model: "llama") == nil)
        #expect(gateway.expectedVendor(model: nil) == nil)
        #expect(upstream(.byModel(prefixes: ["": .google])).expectedVendor(model: nil) == .google)
    }
}
