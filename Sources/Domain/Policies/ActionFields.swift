package import Vocabulary

// One maker per action: whoever reports an action, the fields that conditions read have the same names.
extension ActionRequest {
    /// A plan is about to be accepted. `estimate` is -1 when the prices are not known.
    package static func plan(_ plan: Plan, estimate: Money?) -> ActionRequest {
        ActionRequest(
            kind: .plan,
            fields: [
                "summary": .string(plan.summary),
                "tasks": .array(
                    plan.tasks.map {
                        [
                            "id": .string($0.id.rawValue), "title": .string($0.title),
                            "scope": .strings($0.scope),
                        ]
                    }),
                "scopes": .strings(plan.tasks.flatMap(\.scope)),
                "overlaps": .int(Int64(plan.overlappingScopes().count)),
                "estimate": .double(estimate?.dollars ?? -1),
            ])
    }

    /// An agent is about to start.
    package static func session(
        role: SessionRole, agent: AgentDefinition, vendor: Vendor, task: TaskID?, worktree: String
    ) -> ActionRequest {
        ActionRequest(
            kind: .session,
            fields: [
                "role": .string(role.rawValue), "agent": .string(agent.name.rawValue),
                "harness": .string(agent.harness.rawValue), "model": .string(agent.model ?? ""),
                "vendor": .string(vendor.rawValue), "task": .string(task?.rawValue ?? ""),
                "worktree": .string(worktree),
            ])
    }

    /// A request is about to leave for a model.
    package static func model(
        upstream: String, vendor: Vendor, model: String, tokensReserved: Int64, costSoFar: Money
    ) -> ActionRequest {
        ActionRequest(
            kind: .model,
            fields: [
                "upstream": .string(upstream), "vendor": .string(vendor.rawValue), "model": .string(model),
                "tokens_reserved": .int(tokensReserved), "cost": .double(costSoFar.dollars),
            ])
    }

    /// A harness is about to use a tool. `command` is empty for anything but a shell.
    package static func tool(_ call: ToolCall) -> ActionRequest {
        ActionRequest(
            kind: .tool,
            fields: [
                "tool": .string(call.kind.rawValue), "name": .string(call.rawName),
                "command": .string(call.command ?? ""),
                "paths": .strings(call.paths), "input": call.input,
            ])
    }

    /// A process in the sandbox is about to exec.
    package static func exec(argv: [String], path: String) -> ActionRequest {
        ActionRequest(
            kind: .exec,
            fields: [
                "argv": .strings(argv), "path": .string(path),
                "command": .string(argv.joined(separator: " ")),
            ])
    }

    /// The proxy got a request.
    package static func network(method: String, host: String, port: Int, path: String) -> ActionRequest {
        ActionRequest(
            kind: .network,
            fields: [
                "method": .string(method), "host": .string(host), "port": .int(Int64(port)),
                "path": .string(path),
            ])
    }

    /// An attempt says it is done.
    package static func candidate(_ delta: Delta, task: TaskID) -> ActionRequest {
        ActionRequest(
            kind: .candidate, fields: .object(delta.fields.merging(["task": .string(task.rawValue)]) { $1 }))
    }

    /// A verdict came in.
    package static func review(_ verdict: Verdict, task: TaskID, round: Int) -> ActionRequest {
        ActionRequest(
            kind: .review,
            fields: [
                "task": .string(task.rawValue), "round": .int(Int64(round)),
                "outcome": .string(verdict.outcome.rawValue),
                "vendors": .vendors(verdict.reviewerVendors), "findings": .findings(verdict.findings),
                "blocking": .int(Int64(verdict.findings.count { $0.severity == .blocking })),
            ])
    }

    /// The gate decides about a landing.
    package static func land(
        _ delta: Delta, task: TaskID, target: String, checks: [CheckResult], verdict: Verdict?,
        authorVendors: [Vendor]
    ) -> ActionRequest {
        let fields: [String: JSONValue] = [
            "task": .string(task.rawValue), "target": .string(target), "checks": .checks(checks),
            "verdicts": .verdicts(verdict.map { [$0] } ?? []), "author_vendors": .vendors(authorVendors),
            "reviewer_vendors": .vendors(verdict?.reviewerVendors ?? []),
        ]
        return ActionRequest(kind: .land, fields: .object(delta.fields.merging(fields) { $1 }))
    }

    /// The gate decides about a push.
    package static func push(_ delta: Delta, remote: String, target: String) -> ActionRequest {
        let fields: [String: JSONValue] = ["remote": .string(remote), "target": .string(target)]
        return ActionRequest(kind: .push, fields: .object(delta.fields.merging(fields) { $1 }))
    }
}

extension Delta {
    /// What a condition may ask of a change: paths, sizes and modes.
    fileprivate var fields: [String: JSONValue] {
        [
            "files": .array(
                entries.map {
                    [
                        "path": .string($0.path), "added": .int(Int64($0.addedLines)),
                        "removed": .int(Int64($0.removedLines)),
                        "old_mode": .string(String($0.oldMode, radix: 8)),
                        "new_mode": .string(String($0.newMode, radix: 8)),
                    ]
                }),
            "paths": .strings(paths), "added_lines": .int(Int64(addedLines)),
            "removed_lines": .int(Int64(removedLines)),
            "lines": .int(Int64(addedLines + removedLines)),
            "modes": .strings(Set(entries.map { String($0.newMode, radix: 8) }).sorted()),
        ]
    }
}
