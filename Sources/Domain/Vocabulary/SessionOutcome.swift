/// How a session ended, with the sums over it.
package struct SessionOutcome: Hashable, Sendable, Codable {
    package enum Ending: Hashable, Sendable, Codable {
        /// The harness finished its turn. `structured` is present when a schema was asked for and the answer
        /// is JSON.
        case completed(text: String, structured: JSONValue?)
        case failed(reason: SessionFailure, message: String)
    }
    package var result: Ending
    package var usage: TokenUsage
    /// nil as soon as one answer's price is unknown.
    package var cost: Money?
    /// The vendors that answered at the gateway, sorted; empty when none did.
    package var vendors: [Vendor]
    package var models: [String]
    /// At least one answer came from a script.
    package var isRehearsed: Bool
    package init(
        result: Ending, usage: TokenUsage = TokenUsage(), cost: Money? = .zero, vendors: [Vendor] = [],
        models: [String] = [],
        isRehearsed: Bool = false
    ) {
        self.result = result
        self.usage = usage
        self.cost = cost
        self.vendors = vendors
        self.models = models
        self.isRehearsed = isRehearsed
    }
}

/// Why a session failed. A name for each thing a person would do something different about.
package enum SessionFailure: String, Hashable, Sendable, Codable {
    /// The harness program is not there or cannot be started.
    case missing
    /// The harness ended without a result.
    case crashed
    /// No event for the silence limit.
    case hung
    /// The wall-clock limit passed.
    case tooLong
    /// The harness printed what its protocol does not allow.
    case garbage
    /// The model endpoint refused or failed.
    case model
    /// The spend limit was reached.
    case budget
    /// A person or the server stopped it.
    case stopped
    /// The sandbox could not be built.
    case sandbox
    /// It used more of the machine than it may.
    case resources
    /// A schema was asked for and the answer does not follow it.
    case schema
}

extension SessionFailure {
    /// What a person does about a session that ended this way.
    package func remedy(in run: RunID) -> String {
        switch self {
        case .missing:
            "Install the harness or give the agent another; `graftwork doctor` shows which work here."
        case .sandbox:
            "Run `graftwork doctor` to see what is missing, then `graftwork resume \(run)`."
        case .budget:
            """
            Raise `budget: stop-at-usd:` in the workflow and start the run again; what other sessions left \
            over, `graftwork resume \(run)` may spend.
            """
        case .resources:
            "Raise the limit in `sandbox:` of your configuration if it needs more, then start the run again."
        case .stopped: "Go on with `graftwork resume \(run)`."
        case .crashed, .hung, .tooLong, .garbage, .model, .schema:
            "See `graftwork logs \(run)`, then `graftwork resume \(run)`."
        }
    }

    package var blame: Blame {
        switch self {
        case .missing, .sandbox: .environment
        case .budget, .stopped: .user
        case .crashed, .hung, .tooLong, .garbage, .model, .schema, .resources: .agent
        }
    }
}
