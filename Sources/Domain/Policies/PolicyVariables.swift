package import Expressions
package import Vocabulary

/// The names a condition may use, and what stands behind them.
package enum PolicyVariables {
    /// The variables of a condition on these actions. `request` is another name of `action` where the action
    /// is one.
    package static func names(on kinds: [ActionKind]) -> [String] {
        let always = ["action", "worktree", "run"]
        return !kinds.isEmpty && kinds.allSatisfy { $0 == .network || $0 == .model }
            ? always + ["request"] : always
    }

    /// The fields a variable has on every one of these actions, sorted.
    package static func fields(of variable: String, on kinds: [ActionKind]) -> [String] {
        let objects: [JSONValue] =
            switch variable {
            case "worktree": [PolicyFacts.none.worktree]
            case "run": [PolicyFacts.none.run]
            default: kinds.map(defaults(of:))
            }
        let names = objects.map { Set($0.objectValue?.keys ?? [:].keys) }
        guard let first = names.first else { return [] }
        return names.dropFirst().reduce(first) { $0.intersection($1) }.sorted()
    }

    /// What the variables are for one action.
    package static func values(_ action: ActionRequest, _ facts: PolicyFacts) -> [String: ExpressionValue] {
        let fields = ExpressionValue(action.fields)
        var values = [
            "action": fields, "worktree": ExpressionValue(facts.worktree), "run": ExpressionValue(facts.run),
        ]
        if names(on: [action.kind]).contains("request") { values["request"] = fields }
        return values
    }

    /// The fields of an action about which nothing is known: what examples start from, and the list of names
    /// that exist.
    package static func defaults(of kind: ActionKind) -> JSONValue {
        let nothing = Delta(entries: [], digest: Digest(""))
        let request =
            switch kind {
            case .plan: ActionRequest.plan(Plan(summary: "", tasks: []), estimate: nil)
            case .session:
                ActionRequest.session(
                    role: .author,
                    agent: AgentDefinition(name: AgentName(""), harness: .builtIn, upstream: ""),
                    vendor: .unknown, task: nil, worktree: "")
            case .model:
                ActionRequest.model(
                    upstream: "", vendor: .unknown, model: "", tokensReserved: 0, costSoFar: .zero)
            case .tool:
                ActionRequest.tool(ToolCall(id: ToolCallID(""), kind: .other, rawName: "", input: [:]))
            case .exec: ActionRequest.exec(argv: [], path: "")
            case .network: ActionRequest.network(method: "", host: "", port: 0, path: "")
            case .candidate: ActionRequest.candidate(nothing, task: TaskID(""))
            case .review:
                ActionRequest.review(
                    Verdict(
                        outcome: .incomplete, summary: "", findings: [], tree: ObjectID(""),
                        delta: Digest(""),
                        reviewerVendors: [], isRehearsed: false), task: TaskID(""), round: 0)
            case .land:
                ActionRequest.land(
                    nothing, task: TaskID(""), target: "", checks: [], verdict: nil, authorVendors: [])
            case .push: ActionRequest.push(nothing, remote: "", target: "")
            }
        return request.fields
    }
}

extension PolicyVariables {
    /// A name in a condition that stands for nothing.
    package struct UnknownName: Hashable, Sendable {
        package var name: String
        /// nil: a variable; otherwise the variable whose field it should be.
        package var variable: String?
        /// The character of the expression it starts at.
        package var offset: Int
        /// The names that exist there.
        package var known: [String]
        package init(name: String, variable: String?, offset: Int, known: [String]) {
            self.name = name
            self.variable = variable
            self.offset = offset
            self.known = known
        }
    }

    /// The first name a condition on these actions reads that does not exist; nil when all do.
    package static func unknownName(in expression: ParsedExpression, on kinds: [ActionKind]) -> UnknownName? {
        let variables = names(on: kinds)
        for mention in expression.mentions {
            guard variables.contains(mention.variable) else {
                return UnknownName(
                    name: mention.variable, variable: nil, offset: mention.offset, known: variables)
            }
            guard let field = mention.field, let offset = mention.fieldOffset else { continue }
            let known = fields(of: mention.variable, on: kinds)
            guard known.contains(field) else {
                return UnknownName(name: field, variable: mention.variable, offset: offset, known: known)
            }
        }
        return nil
    }
}
