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

extension CheckDefinition {
    /// What to do when there is nothing to check with.
    package static let howToState = """
        State them in .graftwork/config.yaml, for example \
        `checks: [{ name: tests, run: npm test, require-tests: 1 }]`.
        """
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
