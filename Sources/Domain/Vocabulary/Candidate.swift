/// The exact tree and commit that an attempt produced.
package struct Candidate: Hashable, Sendable, Codable {
    package var base: ObjectID
    package var baseTree: ObjectID
    package var commit: ObjectID
    package var tree: ObjectID
    package var delta: Delta
    package init(base: ObjectID, baseTree: ObjectID, commit: ObjectID, tree: ObjectID, delta: Delta) {
        self.base = base
        self.baseTree = baseTree
        self.commit = commit
        self.tree = tree
        self.delta = delta
    }
}

/// What a tree changes against another, path by path.
package struct Delta: Hashable, Sendable, Codable {
    package struct Entry: Hashable, Sendable, Codable {
        package var path: String
        /// Git's octal file mode as a number; 0 where the side has no such path.
        package var oldMode: UInt32
        package var newMode: UInt32
        package var oldBlob: ObjectID?
        package var newBlob: ObjectID?
        package var addedLines: Int
        package var removedLines: Int
        package init(
            path: String, oldMode: UInt32, newMode: UInt32, oldBlob: ObjectID?, newBlob: ObjectID?,
            addedLines: Int,
            removedLines: Int
        ) {
            self.path = path
            self.oldMode = oldMode
            self.newMode = newMode
            self.oldBlob = oldBlob
            self.newBlob = newBlob
            self.addedLines = addedLines
            self.removedLines = removedLines
        }
    }
    /// Sorted by path bytes.
    package var entries: [Entry]
    /// SHA-256 over the path-sorted (path, old mode, old blob, new mode, new blob).
    package var digest: Digest
    package init(entries: [Entry], digest: Digest) {
        self.entries = entries
        self.digest = digest
    }
    package var isEmpty: Bool { entries.isEmpty }
    package var paths: [String] { entries.map(\.path) }
    package var addedLines: Int { entries.reduce(0) { $0 + $1.addedLines } }
    package var removedLines: Int { entries.reduce(0) { $0 + $1.removedLines } }
}

/// A check as workflow or configuration states it.
package struct CheckDefinition: Hashable, Sendable, Codable {
    package enum Command: Hashable, Sendable, Codable {
        case argv([String])
        /// Run by `/bin/sh -eu -c`, inside the sandbox.
        case script(String)
    }
    package var name: String
    package var command: Command
    /// The least number of tests that must have run for a pass; nil: the command's exit code alone decides.
    package var requireTests: Int?
    package var timeoutSeconds: Int
    /// How it was found: `.graftwork/config.yaml`, the workflow, or `detected: pytest`.
    package var origin: String
    package init(
        name: String, command: Command, requireTests: Int? = nil, timeoutSeconds: Int = 900, origin: String
    ) {
        self.name = name
        self.command = command
        self.requireTests = requireTests
        self.timeoutSeconds = timeoutSeconds
        self.origin = origin
    }
}

/// What a check found, bound to the tree it ran on.
package struct CheckResult: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable { case passed, failed, didNotRun, timedOut }
    package var name: String
    package var outcome: Outcome
    package var tree: ObjectID
    package var exitCode: Int32?
    /// How many tests the report says were executed; nil when no report was understood.
    package var testsRun: Int?
    package var seconds: Double
    /// The last lines of the output, bounded and escaped.
    package var outputTail: String
    /// Why it did not run, or what was wrong with the report.
    package var reason: String?
    package init(
        name: String, outcome: Outcome, tree: ObjectID, exitCode: Int32?, testsRun: Int?, seconds: Double,
        outputTail: String,
        reason: String? = nil
    ) {
        self.name = name
        self.outcome = outcome
        self.tree = tree
        self.exitCode = exitCode
        self.testsRun = testsRun
        self.seconds = seconds
        self.outputTail = outputTail
        self.reason = reason
    }
}

/// One thing a reviewer says.
package struct Finding: Hashable, Sendable, Codable {
    package enum Severity: String, Hashable, Sendable, Codable { case blocking, advice }
    package var severity: Severity
    package var file: String
    package var line: Int?
    package var claim: String
    package var why: String
    package var suggestion: String?
    package init(
        severity: Severity, file: String, line: Int?, claim: String, why: String, suggestion: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.claim = claim
        self.why = why
        self.suggestion = suggestion
    }
}

/// The outcome of a review; it names the tree and delta it examined.
package struct Verdict: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable {
        case approve, requestChanges
        /// A crash, a truncated answer or a missing hunk; it never passes.
        case incomplete
    }
    package var outcome: Outcome
    package var summary: String
    package var findings: [Finding]
    package var tree: ObjectID
    package var delta: Digest
    /// The vendors that answered in the reviewer's session, sorted.
    package var reviewerVendors: [Vendor]
    package var isRehearsed: Bool
    package init(
        outcome: Outcome, summary: String, findings: [Finding], tree: ObjectID, delta: Digest,
        reviewerVendors: [Vendor],
        isRehearsed: Bool
    ) {
        self.outcome = outcome
        self.summary = summary
        self.findings = findings
        self.tree = tree
        self.delta = delta
        self.reviewerVendors = reviewerVendors
        self.isRehearsed = isRehearsed
    }

    /// The JSON Schema a reviewer's answer must follow.
    package static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["verdict", "summary", "findings"],
        "properties": [
            "verdict": ["type": "string", "enum": ["approve", "changes"]],
            "summary": ["type": "string"],
            "findings": [
                "type": "array",
                "items": [
                    "type": "object", "additionalProperties": false,
                    "required": ["severity", "file", "line", "claim", "why", "suggestion"],
                    "properties": [
                        "severity": ["type": "string", "enum": ["blocking", "advice"]],
                        "file": ["type": "string"], "line": ["type": ["integer", "null"]],
                        "claim": ["type": "string"], "why": ["type": "string"],
                        "suggestion": ["type": ["string", "null"]],
                    ],
                ],
            ],
        ],
    ]
}
