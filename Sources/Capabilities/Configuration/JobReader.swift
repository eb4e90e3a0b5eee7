import Expressions
import Vocabulary
import Workflows
import YAML

/// Reads the jobs of a workflow: one verb each, in this version `plan`, `author` and `land`.
enum JobReader {
    /// A job and where its name stands.
    struct Placed {
        var job: Workflow.Job
        var position: SourcePosition
    }

    private static let verbs = ["plan", "author", "land", "push", "run", "ask", "workflow", "check", "review", "approve"]
    private static let advice = "This version runs plan, author and land; an author job carries its check and review."

    static func jobs(_ reader: FieldReader) throws(ConfigurationError) -> [Placed] {
        let node = try reader.required("jobs", reader.value("jobs"))
        var jobs: [Placed] = []
        let named = try FieldReader(open: node, file: reader.file, place: "jobs").named
        let known = named.map(\.name)
        for (name, key, value) in named {
            let name = try reader.name(name, "a job", at: key)
            jobs.append(Placed(job: try job(name, key, value, known: known, reader), position: reader.position(key)))
        }
        return jobs
    }

    private static func job(
        _ name: String, _ key: YAMLNode, _ value: YAMLNode, known: [String], _ reader: FieldReader
    ) throws(ConfigurationError) -> Workflow.Job {
        let place = "job \(name)"
        let open = try FieldReader(open: value, file: reader.file, place: place)
        let found = open.named.filter { verbs.contains($0.name) }
        let isAuthor = found.contains { $0.name == "author" }
        let main = found.filter { !(isAuthor && ($0.name == "check" || $0.name == "review")) }
        guard let verb = main.first else {
            throw ConfigurationError(.missingKey("plan\", \"author\" or \"land", place: place), at: reader.position(key))
        }
        for other in main where !["plan", "author", "land"].contains(other.name) {
            throw ConfigurationError(.notSupported("the verb \"\(other.name)\"", advice: advice), at: reader.position(other.key))
        }
        guard main.count == 1 else {
            throw ConfigurationError(
                .badValue(field: main[1].name, why: "cannot stand beside \"\(verb.name)\"; a job has one verb"),
                at: reader.position(main[1].key))
        }
        var needs: [String] = []
        for node in try open.oneOrMore("needs") ?? [] {
            let need = try open.text(node, "needs")
            guard known.contains(need) else {
                throw ConfigurationError(.unknownValue(need, what: "job", known: known), at: open.position(node))
            }
            needs.append(need)
        }
        switch verb.name {
        case "plan":
            return Workflow.Job(name: name, needs: needs, verb: .plan(try planJob(value, reader.file, place)))
        case "author":
            return Workflow.Job(
                name: name, needs: needs, verb: .author(try authorJob(value, reader.file, place, needs: needs)))
        default:
            return Workflow.Job(name: name, needs: needs, verb: .land(try landJob(value, reader.file, place)))
        }
    }

    private static let laterKeys = [
        "if", "outputs", "env", "continue-on-error", "concurrency", "defaults", "best-of", "worktree",
    ]

    // MARK: plan

    private static func planJob(
        _ node: YAMLNode, _ file: String, _ place: String
    ) throws(ConfigurationError) -> Workflow.PlanJob {
        let job = try FieldReader(
            node, file: file, place: place, keys: ["needs", "plan", "approval"],
            later: laterKeys + ["timeout-minutes", "retry", "for-each", "strategy"])
        let plan = try FieldReader(
            try job.required("plan", job.value("plan")), file: file, place: "plan", keys: ["agent", "goal", "max-tasks", "template"])
        let goal = try plan.required("goal", try plan.expression("goal"))
        guard goal.expression.root.path == ["inputs", "goal"] else {
            throw ConfigurationError(
                .notSupported("a goal other than ${{ inputs.goal }}", advice: nil), at: plan.position(goal.node))
        }
        return Workflow.PlanJob(
            agent: AgentName(try plan.required("agent", try plan.text("agent"))),
            template: try template(plan) ?? "plan", maxTasks: try plan.int("max-tasks") ?? 8,
            approvalAboveTasks: try approval(job))
    }

    /// `approval: { by: owner, unless: "${{ plan.tasks.size() <= 2 }}" }`, as the number of tasks above which a person
    /// is asked.
    private static func approval(_ job: FieldReader) throws(ConfigurationError) -> Int? {
        guard let node = job.value("approval") else { return nil }
        let fields = try FieldReader(
            node, file: job.file, place: "approval", keys: ["by", "unless"], later: ["expires", "four-eyes"])
        if let by = try fields.text("by"), by != "owner" {
            throw ConfigurationError(
                .notSupported("approval by anyone but the owner", advice: nil), at: fields.keyPosition("by"))
        }
        guard let unless = try fields.expression("unless") else { return 0 }
        if case .comparison(.lessOrEqual, .size(let counted), .literal(.int(let limit))) = unless.expression.root,
            counted.path == ["plan", "tasks"], let limit = Int(exactly: limit)
        {
            return limit
        }
        throw ConfigurationError(
            .notSupported("an \"unless\" other than ${{ plan.tasks.size() <= NUMBER }}", advice: nil),
            at: fields.position(unless.node))
    }

    // MARK: author

    private static func authorJob(
        _ node: YAMLNode, _ file: String, _ place: String, needs: [String]
    ) throws(ConfigurationError) -> Workflow.AuthorJob {
        let job = try FieldReader(
            node, file: file, place: place,
            keys: [
                "needs", "for-each", "strategy", "timeout-minutes", "retry", "author", "check", "review", "on-failure",
            ], later: laterKeys + ["approval"])
        try forEach(job, needs: needs)
        let author = try FieldReader(
            try job.required("author", job.value("author")), file: file, place: "author", keys: ["agent", "agents", "template"],
            later: ["best-of", "prompt"])
        return Workflow.AuthorJob(
            agents: try agents(author), template: try template(author) ?? "implement", maxParallel: try maxParallel(job),
            timeoutMinutes: try job.int("timeout-minutes") ?? 45, retryMax: try retry(job),
            checks: try CheckReader.checks("check", in: job), review: try review(job), sendBackMax: try sendBack(job))
    }

    private static func forEach(_ job: FieldReader, needs: [String]) throws(ConfigurationError) {
        let each = try job.required("for-each", try job.expression("for-each"))
        let path = each.expression.root.path
        guard let path, path.count == 3, path[0] == "jobs", path[2] == "tasks" else {
            throw ConfigurationError(
                .notSupported("a \"for-each\" other than ${{ jobs.PLAN.tasks }}", advice: nil), at: job.position(each.node))
        }
        guard needs.contains(path[1]) else {
            throw ConfigurationError(
                .badValue(field: "for-each", why: "reads job \(path[1]), which \(job.place) does not need"),
                at: job.position(each.node))
        }
    }

    private static func agents(_ author: FieldReader) throws(ConfigurationError) -> [AgentName] {
        let one = try author.text("agent")
        let many = try author.texts("agents", countMax: 20)
        if one != nil, many != nil {
            throw ConfigurationError(
                .badValue(field: "agents", why: "cannot stand beside \"agent\""), at: author.keyPosition("agents"))
        }
        return try author.required("agents", many ?? one.map { [$0] }).map { AgentName($0) }
    }

    private static func maxParallel(_ job: FieldReader) throws(ConfigurationError) -> Int {
        guard let node = job.value("strategy") else { return 4 }
        let fields = try FieldReader(
            node, file: job.file, place: "strategy", keys: ["max-parallel", "fail-fast"], later: ["matrix", "best-of"])
        if try fields.bool("fail-fast") == true {
            throw ConfigurationError(.notSupported("\"fail-fast: true\"", advice: nil), at: fields.keyPosition("fail-fast"))
        }
        return try fields.int("max-parallel") ?? 4
    }

    private static func retry(_ job: FieldReader) throws(ConfigurationError) -> Int {
        guard let node = job.value("retry") else { return 1 }
        let fields = try FieldReader(node, file: job.file, place: "retry", keys: ["max"], later: ["on"])
        return try fields.int("max") ?? 1
    }

    private static func review(_ job: FieldReader) throws(ConfigurationError) -> Workflow.Review {
        let fields = try FieldReader(
            try job.required("review", job.value("review")), file: job.file, place: "review",
            keys: ["agent", "rounds", "template"], later: ["blocking", "vendor", "agents", "coverage"])
        return Workflow.Review(
            agent: AgentName(try fields.required("agent", try fields.text("agent"))),
            template: try template(fields) ?? "review", rounds: try fields.int("rounds") ?? 2)
    }

    private static func sendBack(_ job: FieldReader) throws(ConfigurationError) -> Int {
        guard let node = job.value("on-failure") else { return 2 }
        let fields = try FieldReader(node, file: job.file, place: "on-failure", keys: ["send-back", "then"])
        if let then = try fields.text("then"), then != "ask" {
            throw ConfigurationError(
                .notSupported("\"then\" other than ask", advice: "After the last send-back a person decides."),
                at: fields.keyPosition("then"))
        }
        return try fields.int("send-back") ?? 2
    }

    // MARK: land

    private static func landJob(
        _ node: YAMLNode, _ file: String, _ place: String
    ) throws(ConfigurationError) -> Workflow.LandJob {
        let job = try FieldReader(
            node, file: file, place: place, keys: ["needs", "land"], later: laterKeys + ["approval", "timeout-minutes"])
        guard let value = job.value("land") else { return .init(into: nil) }
        let land = try FieldReader(value, file: file, place: "land", keys: ["into", "strategy", "queue"], later: ["pr"])
        if let strategy = try land.text("strategy"), strategy != "squash" {
            throw ConfigurationError(
                .notSupported("a landing strategy other than squash", advice: nil), at: land.keyPosition("strategy"))
        }
        if try land.bool("queue") == false {
            throw ConfigurationError(
                .notSupported("landing without the queue", advice: nil), at: land.keyPosition("queue"))
        }
        return .init(into: try land.text("into", lengthMax: 200))
    }

    // MARK: Names

    private static func template(_ reader: FieldReader) throws(ConfigurationError) -> String? {
        guard let name = try reader.text("template") else { return nil }
        return try reader.name(name, "a template", at: reader.value("template") ?? reader.node)
    }
}

extension ExpressionNode {
    /// The names of a plain path: `jobs.plan.tasks` or `jobs["plan"].tasks`; nil for anything else.
    fileprivate var path: [String]? {
        switch self {
        case .variable(let name, _): return [name]
        case .field(let base, let name, _): return base.path.map { $0 + [name] }
        case .index(let base, .literal(.string(let name))): return base.path.map { $0 + [name] }
        case .index, .literal, .list, .size, .not, .all, .any, .comparison, .membership: return nil
        }
    }
}
