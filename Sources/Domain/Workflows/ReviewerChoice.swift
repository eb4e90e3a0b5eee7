package import Vocabulary

/// An agent that could review, and the vendor its configuration promises.
///
/// The promise only chooses: whether the review counts is decided afterwards by the vendor that answered.
package struct ReviewerCandidate: Hashable, Sendable, Codable {
    package var agent: AgentDefinition
    /// nil: the configuration does not tell, so it is never taken for another vendor.
    package var expectedVendor: Vendor?
    package init(agent: AgentDefinition, expectedVendor: Vendor?) {
        self.agent = agent
        self.expectedVendor = expectedVendor
    }
}

/// Who reviews a change.
package struct ReviewerChoice: Hashable, Sendable, Codable {
    package var agent: AgentDefinition
    /// No other vendor was there and the person chose to go on; every record says so.
    package var isSameVendor: Bool
    package init(agent: AgentDefinition, isSameVendor: Bool) {
        self.agent = agent
        self.isSameVendor = isSameVendor
    }
}

/// Why no agent may review a change.
package enum ReviewerError: ExplainedError, Hashable {
    case noSecondVendor(authors: [Vendor], configured: [Vendor])
    case noVendorAnswered
    case authorVendorUnknown

    package var description: String {
        switch self {
        case .noSecondVendor(let authors, let configured):
            """
            The change was written by \(Self.names(authors)), and no configured agent is of another vendor \
            (configured: \(configured.isEmpty ? "none" : Self.names(configured))).
            """
        case .noVendorAnswered:
            "No vendor answered in the author's sessions, so none can be called another one."
        case .authorVendorUnknown:
            "The vendor of a model that wrote the change is unknown, so none can be called another one."
        }
    }
    package var hint: String? {
        switch self {
        case .noSecondVendor:
            """
            Add an agent of a second vendor with its key to config.yaml, or set \
            `review: { same-vendor: allow }` there to have a second model of the same vendor review, \
            marked as such.
            """
        case .noVendorAnswered: nil
        case .authorVendorUnknown:
            "Say which vendor its upstream's models are of: `vendor-by-model:` in config.yaml."
        }
    }
    package var blame: Blame { .configuration }
    package var exitCode: ExitCode { .held }

    private static func names(_ vendors: [Vendor]) -> String {
        vendors.map(\.rawValue).joined(separator: ", ")
    }
}

extension ReviewerChoice {
    /// The first candidate whose promised vendor did not write the change.
    ///
    /// Without one, and with the person's permission, an agent of the author's vendor whose model is not in
    /// `authorModels` where there is one, else the first of that vendor.
    package static func reviewer(
        for authorVendors: Set<Vendor>, authorModels: Set<String> = [], among candidates: [ReviewerCandidate],
        permitsSameVendor: Bool
    ) throws(ReviewerError) -> ReviewerChoice {
        guard !authorVendors.isEmpty else { throw .noVendorAnswered }
        guard !authorVendors.contains(.unknown) else { throw .authorVendorUnknown }
        let known = candidates.filter { $0.expectedVendor != nil && $0.expectedVendor != .unknown }
        if let other = known.first(where: { candidate in
            !authorVendors.contains { $0 == candidate.expectedVendor }
        }) {
            return ReviewerChoice(agent: other.agent, isSameVendor: false)
        }
        guard permitsSameVendor, let first = known.first else {
            throw .noSecondVendor(
                authors: authorVendors.sorted(), configured: Set(known.compactMap(\.expectedVendor)).sorted())
        }
        let second = known.first { candidate in
            candidate.agent.model.map { !authorModels.contains($0) } ?? false
        }
        return ReviewerChoice(agent: (second ?? first).agent, isSameVendor: true)
    }
}

extension Upstream {
    /// The vendor this upstream promises for a model; nil when nothing tells.
    package func expectedVendor(model: String?) -> Vendor? {
        switch vendor {
        case .fixed(let vendor): return vendor
        case .byModel(let prefixes):
            let matching = prefixes.filter { (model ?? "").hasPrefix($0.key) }
            return matching.max { $0.key.utf8.count < $1.key.utf8.count }?.value
        }
    }
}
