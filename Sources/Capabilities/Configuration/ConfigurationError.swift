package import Vocabulary
package import Workflows

/// Why a file of the configuration (workflow, policies, config, prompts) cannot be used, and where.
package struct ConfigurationError: ExplainedError, Hashable {
    package enum Kind: Hashable, Sendable {
        /// The text is not the YAML we read.
        case yaml(String)
        /// `place` says what the key stands in: `a job`, `the workflow`.
        case unknownKey(String, place: String, known: [String])
        /// A name stands for nothing: an action, a field, a choice.
        case unknownValue(String, what: String, known: [String])
        case missingKey(String, place: String)
        case wrongType(field: String, expected: String)
        case badValue(field: String, why: String)
        /// Part of the product, but not of this version.
        case notSupported(String, advice: String?)
        case expression(String, hint: String?)
        case wrongExample(policy: String, example: String, outcome: String)
        case duplicate(what: String, name: String)
        /// Stands in a file that may not decide it.
        case wrongLevel(field: String, why: String)
        case invalidWorkflow(WorkflowError)
        case unknownWorkflow(name: String, known: [String])
        case unknownTemplate(name: String, places: [String])
        case unreadable(file: String, reason: String)
        case noAgents
        case noAgentFor(slot: AgentName, wish: String, configured: [String])
        case noReviewer(ReviewerError)
        case notInstalled(near: String)
    }

    package var position: SourcePosition?
    package var kind: Kind

    package init(_ kind: Kind, at position: SourcePosition? = nil) {
        self.kind = kind
        self.position = position
    }

    /// What is wrong, without the place.
    package var message: String {
        switch kind {
        case .yaml(let words): words
        case .unknownKey(let key, let place, _): "\(place) has no key \(Self.quoted(key))"
        case .unknownValue(let value, let what, _): "there is no \(what) \(Self.quoted(value))"
        case .missingKey(let key, let place): "\(place) lacks the key \"\(key)\""
        case .wrongType(let field, let expected): "\"\(field)\" must be \(expected)"
        case .badValue(let field, let why): "\"\(field)\" \(why)"
        case .notSupported(let what, _): "\(what) is not supported yet by this version"
        case .expression(let words, _): words
        case .wrongExample(let policy, let example, let outcome):
            "an example of policy \(policy) does not hold: \(example) yields \(outcome)"
        case .duplicate(let what, let name): "there are two \(what) named \(Self.quoted(name))"
        case .wrongLevel(let field, let why): "\"\(field)\" \(why)"
        case .invalidWorkflow(let error): Self.clause(error.description)
        case .unknownWorkflow(let name, _): "There is no workflow \(Self.quoted(name))"
        case .unknownTemplate(let name, _): "There is no prompt template \(Self.quoted(name))"
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
        case .noAgents: "No agent is configured"
        case .noAgentFor(let slot, let wish, _):
            "No configured agent can be \(slot) of the workflow, which asks for \(wish)"
        case .noReviewer(let error): Self.clause(error.description)
        case .notInstalled(let near): "The workflows and templates that belong to \(near) are not there"
        }
    }

    package var description: String {
        position.map { "\($0): \(message)." } ?? "\(message)."
    }

    package var hint: String? {
        switch kind {
        case .unknownKey(let key, _, let known): Self.suggestion(key, known)
        case .unknownValue(let value, _, let known): Self.suggestion(value, known)
        case .notSupported(_, let advice): advice
        case .expression(_, let hint): hint
        case .wrongExample:
            """
            Correct the example or the policy; until then the file is not in force and what it governs \
            stops.
            """
        case .invalidWorkflow(let error): error.hint
        case .unknownWorkflow(let name, let known):
            known.isEmpty ? "No workflow was found at all." : Self.suggestion(name, known)
        case .unknownTemplate(_, let places): "Looked in \(places.joined(separator: ", "))."
        case .noAgents: "Run `graftwork doctor` to see what is installed and get a configuration proposed."
        case .noAgentFor(_, _, let configured):
            configured.isEmpty ? nil : "Configured are: \(configured.joined(separator: ", "))."
        case .noReviewer(let error): error.hint
        case .notInstalled:
            "Install it again, or set GRAFTWORK_SHARE to the folder that holds Workflows and Templates."
        case .yaml, .missingKey, .wrongType, .badValue, .duplicate, .wrongLevel, .unreadable: nil
        }
    }

    package var blame: Blame {
        switch kind {
        case .unreadable, .notInstalled: .environment
        case .unknownWorkflow: .user
        case .yaml, .unknownKey, .unknownValue, .missingKey, .wrongType, .badValue, .notSupported,
            .expression, .wrongExample,
            .duplicate, .wrongLevel, .invalidWorkflow, .unknownTemplate, .noAgents, .noAgentFor, .noReviewer:
            .configuration
        }
    }

    package var exitCode: ExitCode {
        switch kind {
        case .unknownWorkflow: .usage
        case .noReviewer(let error): error.exitCode
        case .yaml, .unknownKey, .unknownValue, .missingKey, .wrongType, .badValue, .notSupported,
            .expression, .wrongExample,
            .duplicate, .wrongLevel, .invalidWorkflow, .unknownTemplate, .noAgents, .noAgentFor, .unreadable,
            .notInstalled:
            .failed
        }
    }

    private static func suggestion(_ name: String, _ known: [String]) -> String? {
        if let close = Spelling.closest(to: name, among: known) { return "Did you mean \"\(close)\"?" }
        return known.isEmpty ? nil : "Known are: \(known.joined(separator: ", "))."
    }

    /// Text from a file in quotes, escaped and short.
    private static func quoted(_ text: String) -> String { String(reflecting: String(text.prefix(60))) }

    private static func clause(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}
