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
