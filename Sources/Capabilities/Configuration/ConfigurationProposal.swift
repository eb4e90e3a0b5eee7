package import Vocabulary

/// A configuration for a machine that has none, made of what is installed and which keys are there.
package struct ConfigurationProposal: Hashable, Sendable {
    /// The text of a `config.yaml` that works as it stands, or the starter's comments when nothing was found.
    package var text: String
    /// What was found and what is missing, one sentence each, for the person who is asked.
    package var explanation: [String]
    /// The vendors that could answer, sorted; fewer than two: no independent review.
    package var vendors: [Vendor]
    package init(text: String, explanation: [String], vendors: [Vendor]) {
        self.text = text
        self.explanation = explanation
        self.vendors = vendors
    }

    /// - Parameters:
    ///   - harnesses: those whose program is installed.
    ///   - variables: the names of the environment variables that are set; never their values.
    ///   - loggedIn: the programs that have a log-in of their own.
    ///   - programs: those the code base is built with, where sandboxes may not show them.
    package static func make(
        harnesses: Set<HarnessKind>, variables: Set<String>, loggedIn: Set<HarnessKind>,
        programs: [LocatedProgram] = []
    ) -> ConfigurationProposal {
        var agents: [(name: String, fields: String, comment: String)] = []
        var explanation: [String] = []
        var vendors: [Vendor] = []
        for offer in offers {
            let program = offer.harness.flatMap { harnesses.contains($0) ? $0 : nil }
            guard variables.contains(offer.variable) else {
                if let harness = offer.harness, loggedIn.contains(harness) {
                    explanation.append(
                        "\(offer.program) is logged in; its log-in cannot be used yet: set \(offer.variable)."
                    )
                } else if program != nil {
                    explanation.append(
                        "\(offer.program) is installed, but there is no key: set \(offer.variable) to use it."
                    )
                }
                continue
            }
            vendors.append(offer.vendor)
            if let program {
                agents.append(
                    (
                        program.rawValue, "harness: \(program.rawValue)",
                        "\(offer.program), with \(offer.variable)"
                    ))
                explanation.append("\(offer.program) is installed and \(offer.variable) is set.")
            } else {
                agents.append(
                    (
                        offer.vendor.rawValue, "harness: graftwork, upstream: \(offer.upstream)",
                        "the built-in agent, with \(offer.variable)"
                    ))
                explanation.append("\(offer.variable) is set; the built-in agent will use it.")
            }
        }
        explanation.append(advice(vendors))
        let lines = agents.map { agent in
            let entry = "  \(agent.name): { \(agent.fields) }"
            return entry + String(repeating: " ", count: max(1, 48 - entry.count)) + "# \(agent.comment)"
        }
        let body =
            lines.isEmpty
            ? ["agents: {}   # none yet: set a key and run `graftwork doctor` again"] : ["agents:"] + lines
        let review =
            vendors.count == 1
            ? [
                "",
                """
                # There is no second vendor here, so a change would be held at its review. To have a \
                second model of the same
                """,
                "# vendor review instead, marked same-vendor in every record, uncomment:",
                "# review: { same-vendor: allow }",
            ] : []
        explanation += programs.compactMap { program in program.obstacle.map { "\($0)." } }
        let folders = programs.folders
        let toolchains =
            folders.isEmpty
            ? []
            : [
                "", "# Programs outside /usr; every sandbox shows these folders, and cannot write them.",
                "toolchains: [\(folders.map(LocatedProgram.word).joined(separator: ", "))]",
            ]
        let head = [
            """
            # Proposed by graftwork from what is installed here. Keys stay where they are; this file \
            only names them.
            """,
            "version: 1",
        ]
        return ConfigurationProposal(
            text: (head + body + toolchains + review).joined(separator: "\n") + "\n",
            explanation: explanation,
            vendors: vendors.sorted())
    }

    /// What a key makes possible.
    private struct Offer {
        var vendor: Vendor
        var upstream: String
        var variable: String
        /// The vendor's own harness.
        var harness: HarnessKind?
        var program: String
    }

    private static let offers = [
        Offer(
            vendor: .anthropic, upstream: "anthropic", variable: "ANTHROPIC_API_KEY", harness: .claude,
            program: "Claude Code"),
        Offer(
            vendor: .openai, upstream: "openai", variable: "OPENAI_API_KEY", harness: .codex, program: "Codex"
        ),
        Offer(
            vendor: .mistral, upstream: "mistral", variable: "MISTRAL_API_KEY", harness: nil,
            program: "the built-in agent"),
    ]

    private static func advice(_ vendors: [Vendor]) -> String {
        switch vendors.count {
        case 0:
            """
            No key was found, so no agent can work: set ANTHROPIC_API_KEY and OPENAI_API_KEY (two \
            vendors, one reviews the other).
            """
        case 1:
            """
            Only \(vendors[0]) has a key here, and a review needs a second vendor: set another vendor's key, \
            or choose `review: { same-vendor: allow }`.
            """
        default: "\(vendors.count) vendors have keys here, so each reviews what another wrote."
        }
    }
}
