package import Vocabulary

/// Why a workflow that was read well cannot be run.
package enum WorkflowError: ExplainedError, Hashable {
    case noJob(verb: String)
    case severalJobs(verb: String, jobs: [String])
    case wrongNeeds(job: String, needs: [String], expected: String)
    case noAgents(job: String)
    case unknownAgent(job: String, agent: AgentName, known: [AgentName])
    case otherVendorOutsideReview(job: String, agent: AgentName)
    case reviewerOfAuthorsVendor(job: String, vendor: Vendor)
    case outOfRange(job: String, field: String, value: Int, range: ClosedRange<Int>)
    case severalChecks(job: String, name: String)
    case modelOfAnyVendor(job: String, agent: AgentName)

    package var description: String {
        switch self {
        case .noJob(let verb): "The workflow has no \(verb) job."
        case .severalJobs(let verb, let jobs):
            "The workflow has \(jobs.count) \(verb) jobs (\(jobs.joined(separator: ", "))); it may have one."
        case .wrongNeeds(let job, let needs, let expected):
            "Job \(job) needs \(needs.isEmpty ? "nothing" : needs.joined(separator: ", ")), but must need exactly \(expected)."
        case .noAgents(let job): "Job \(job) names no agent."
        case .unknownAgent(let job, let agent, _): "Job \(job) names agent \(agent), which the workflow does not define."
        case .otherVendorOutsideReview(let job, let agent):
            "Job \(job) gives work to agent \(agent), whose vendor is \"other\", but only a reviewer can be other than the author."
        case .reviewerOfAuthorsVendor(let job, let vendor):
            "Job \(job) has its changes written and reviewed by \(vendor), and a review needs another vendor."
        case .outOfRange(let job, let field, let value, let range):
            "Job \(job) sets \(field) to \(value); it may be \(range.lowerBound) to \(range.upperBound)."
        case .severalChecks(let job, let name): "Job \(job) has two checks named \(name)."
        case .modelOfAnyVendor(let job, let agent):
            "Job \(job) is reviewed by agent \(agent), which pins a model but may be of any other vendor."
        }
    }
    package var hint: String? {
        switch self {
        case .noJob, .severalJobs, .wrongNeeds: "This version runs one plan job, one author job that needs it, and one land job that needs that."
        case .unknownAgent(_, _, let known):
            known.isEmpty ? "Define it under `agents:`." : "Defined are: \(known.map(\.rawValue).joined(separator: ", "))."
        case .reviewerOfAuthorsVendor: "Let the reviewer be `vendor: other`."
        case .modelOfAnyVendor: "Leave the model to the configured agents, or name the harness it belongs to."
        case .noAgents, .otherVendorOutsideReview, .outOfRange, .severalChecks: nil
        }
    }
    package var blame: Blame { .configuration }

    /// The job it is about; nil when it is about the workflow as a whole.
    package var job: String? {
        switch self {
        case .noJob: nil
        case .severalJobs(_, let jobs): jobs.last
        case .wrongNeeds(let job, _, _), .noAgents(let job), .unknownAgent(let job, _, _),
            .otherVendorOutsideReview(let job, _), .reviewerOfAuthorsVendor(let job, _), .outOfRange(let job, _, _, _),
            .severalChecks(let job, _), .modelOfAnyVendor(let job, _):
            job
        }
    }
}

extension Workflow {
    /// How many tasks a plan may be allowed to have.
    package static let maxTasksRange = 1...50
    package static let maxParallelRange = 1...64
    package static let timeoutMinutesRange = 1...1_440
    package static let retryRange = 0...5
    package static let sendBackRange = 0...10
    package static let roundsRange = 1...5
    package static let approvalAboveRange = 0...50

    /// Checks that the jobs form the chain this version runs, and that every name and number makes sense.
    package func validate() throws(WorkflowError) {
        let plan = try only("plan") { if case .plan(let job) = $0 { job } else { nil } }
        let author = try only("author") { if case .author(let job) = $0 { job } else { nil } }
        let land = try only("land") { if case .land(let job) = $0 { job } else { nil } }
        for (job, expected) in [(plan.job, []), (author.job, [plan.job.name]), (land.job, [author.job.name])]
        where job.needs != expected {
            throw .wrongNeeds(job: job.name, needs: job.needs, expected: expected.first ?? "nothing")
        }
        try validate(plan.value, in: plan.job.name)
        try validate(author.value, in: author.job.name)
    }

    private func validate(_ plan: PlanJob, in job: String) throws(WorkflowError) {
        try check(plan.maxTasks, Self.maxTasksRange, "max-tasks", job)
        if let above = plan.approvalAboveTasks { try check(above, Self.approvalAboveRange, "approval", job) }
        try worker(plan.agent, job)
    }

    private func validate(_ author: AuthorJob, in job: String) throws(WorkflowError) {
        try check(author.maxParallel, Self.maxParallelRange, "max-parallel", job)
        try check(author.timeoutMinutes, Self.timeoutMinutesRange, "timeout-minutes", job)
        try check(author.retryMax, Self.retryRange, "retry.max", job)
        try check(author.sendBackMax, Self.sendBackRange, "send-back", job)
        try check(author.review.rounds, Self.roundsRange, "review.rounds", job)
        guard !author.agents.isEmpty else { throw .noAgents(job: job) }
        var names: Set<String> = []
        for check in author.checks where !names.insert(check.name).inserted {
            throw .severalChecks(job: job, name: check.name)
        }
        for agent in author.agents { try worker(agent, job) }
        let reviewer = try slot(author.review.agent, job)
        if reviewer.vendor == .other, reviewer.harness == nil, reviewer.model != nil {
            throw .modelOfAnyVendor(job: job, agent: reviewer.name)
        }
        if case .exactly(let vendor) = reviewer.vendor,
            author.agents.contains(where: { name in agents.contains { $0.name == name && $0.vendor == .exactly(vendor) } })
        {
            throw .reviewerOfAuthorsVendor(job: job, vendor: vendor)
        }
    }

    /// The one job of a verb.
    private func only<Value>(_ verb: String, _ read: (Verb) -> Value?) throws(WorkflowError) -> (job: Job, value: Value) {
        let found = jobs.compactMap { job in read(job.verb).map { (job: job, value: $0) } }
        guard let first = found.first else { throw .noJob(verb: verb) }
        guard found.count == 1 else { throw .severalJobs(verb: verb, jobs: found.map(\.job.name)) }
        return first
    }

    private func check(_ value: Int, _ range: ClosedRange<Int>, _ field: String, _ job: String) throws(WorkflowError) {
        guard range.contains(value) else { throw .outOfRange(job: job, field: field, value: value, range: range) }
    }

    /// An agent that plans or writes: it must be defined and be somebody in particular.
    private func worker(_ name: AgentName, _ job: String) throws(WorkflowError) {
        guard try slot(name, job).vendor != .other else { throw .otherVendorOutsideReview(job: job, agent: name) }
    }

    private func slot(_ name: AgentName, _ job: String) throws(WorkflowError) -> AgentSlot {
        guard let slot = agents.first(where: { $0.name == name }) else {
            throw .unknownAgent(job: job, agent: name, known: agents.map(\.name))
        }
        return slot
    }
}

extension Workflow {
    /// The plan job of a validated workflow.
    package var planJob: PlanJob? { jobs.lazy.compactMap { if case .plan(let job) = $0.verb { job } else { nil } }.first }
    /// The author job of a validated workflow.
    package var authorJob: AuthorJob? {
        jobs.lazy.compactMap { if case .author(let job) = $0.verb { job } else { nil } }.first
    }
    /// The land job of a validated workflow.
    package var landJob: LandJob? { jobs.lazy.compactMap { if case .land(let job) = $0.verb { job } else { nil } }.first }

    package func slot(_ name: AgentName) -> AgentSlot? { agents.first { $0.name == name } }
}
