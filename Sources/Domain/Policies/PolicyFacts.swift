package import Vocabulary

/// What worktree and run have done so far, as conditions read it: `worktree.…` and `run.…`.
package struct PolicyFacts: Hashable, Sendable, Codable {
    /// Always objects.
    package var worktree: JSONValue
    package var run: JSONValue

    package init(worktree: JSONValue, run: JSONValue) {
        self.worktree = worktree
        self.run = run
    }
    package init(_ worktree: WorktreeFacts = WorktreeFacts(), _ run: RunFacts = RunFacts()) {
        self.init(worktree: worktree.json, run: run.json)
    }

    /// The facts of a worktree and a run where nothing has happened yet.
    package static let none = PolicyFacts()
}

/// The facts of one worktree, whichever sensor reported them.
package struct WorktreeFacts: Hashable, Sendable, Codable {
    package struct Package: Hashable, Sendable, Codable {
        package var name: String
        package var version: String
        package var registry: String
        package init(name: String, version: String = "", registry: String = "") {
            self.name = name
            self.version = version
            self.registry = registry
        }
    }
    package var packagesInstalled: [Package] = []
    package var commands: [String] = []
    package var hostsContacted: [String] = []
    package var filesChanged: [String] = []
    package var secretsUsed: [String] = []
    package var spend: Money = .zero
    package var tokens: Int64 = 0
    package var toolCalls: Int = 0
    package var denials: Int = 0
    package var asks: Int = 0
    package var checks: [CheckResult] = []
    package var verdicts: [Verdict] = []
    package var snapshots: Int = 0
    /// The paths that conflict with another live worktree's, sorted.
    package var collisions: [String] = []
    package init() {}

    package var json: JSONValue {
        [
            "packages_installed": .array(
                packagesInstalled.map {
                    [
                        "name": .string($0.name), "version": .string($0.version),
                        "registry": .string($0.registry),
                    ]
                }),
            "commands": .strings(commands), "hosts_contacted": .strings(hostsContacted),
            "files_changed": .strings(filesChanged), "secrets_used": .strings(secretsUsed),
            "spend": .double(spend.dollars), "tokens": .int(tokens), "tool_calls": .int(Int64(toolCalls)),
            "denials": .int(Int64(denials)), "asks": .int(Int64(asks)), "checks": .checks(checks),
            "verdicts": .verdicts(verdicts), "snapshots": .int(Int64(snapshots)),
            "collisions": .strings(collisions), "counters": [:],
            "labels": [:],
        ]
    }
}

/// The facts of one run, over all its worktrees.
package struct RunFacts: Hashable, Sendable, Codable {
    package var id: String = ""
    package var workflow: String = ""
    package var goal: String = ""
    package var target: String = ""
    package var isRehearsed: Bool = false
    package var spend: Money = .zero
    package var tokens: Int64 = 0
    package var tasks: Int = 0
    package var denials: Int = 0
    package var asks: Int = 0
    package init() {}

    package var json: JSONValue {
        [
            "id": .string(id), "workflow": .string(workflow), "goal": .string(goal),
            "target": .string(target),
            "rehearsed": .bool(isRehearsed), "spend": .double(spend.dollars), "tokens": .int(tokens),
            "tasks": .int(Int64(tasks)), "denials": .int(Int64(denials)), "asks": .int(Int64(asks)),
            "counters": [:],
        ]
    }
}

extension JSONValue {
    static func strings(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }

    static func vendors(_ values: [Vendor]) -> JSONValue { .array(values.map { .string($0.rawValue) }) }

    static func checks(_ results: [CheckResult]) -> JSONValue {
        .array(
            results.map {
                [
                    "name": .string($0.name), "outcome": .string($0.outcome.rawValue),
                    "tree": .string($0.tree.rawValue),
                    "tests": $0.testsRun.map { .int(Int64($0)) } ?? .null,
                ]
            })
    }

    static func verdicts(_ verdicts: [Verdict]) -> JSONValue {
        .array(
            verdicts.map {
                [
                    "outcome": .string($0.outcome.rawValue), "tree": .string($0.tree.rawValue),
                    "vendors": .vendors($0.reviewerVendors), "findings": .findings($0.findings),
                ]
            })
    }

    static func findings(_ findings: [Finding]) -> JSONValue {
        .array(
            findings.map {
                [
                    "severity": .string($0.severity.rawValue), "file": .string($0.file),
                    "claim": .string($0.claim),
                    "line": $0.line.map { .int(Int64($0)) } ?? .null,
                ]
            })
    }
}
