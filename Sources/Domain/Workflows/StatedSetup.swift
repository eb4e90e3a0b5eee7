package import Vocabulary

/// What one file says about set-up: nil for a key it does not state.
package struct StatedSetup: Hashable, Sendable, Codable {
    package var copies: [WorktreeSetup.Copy]?
    package var shares: [String]?
    package var commands: [CheckDefinition.Command]?
    package var inputs: [String]?
    package var ports: Int?
    package var variables: [WorktreeSetup.Variable]?

    package init(
        copies: [WorktreeSetup.Copy]? = nil, shares: [String]? = nil,
        commands: [CheckDefinition.Command]? = nil, inputs: [String]? = nil, ports: Int? = nil,
        variables: [WorktreeSetup.Variable]? = nil
    ) {
        self.copies = copies
        self.shares = shares
        self.commands = commands
        self.inputs = inputs
        self.ports = ports
        self.variables = variables
    }

    /// Laid over another: each key it states wins whole.
    package func over(_ lower: StatedSetup?) -> StatedSetup {
        guard let lower else { return self }
        return StatedSetup(
            copies: copies ?? lower.copies, shares: shares ?? lower.shares,
            commands: commands ?? lower.commands, inputs: inputs ?? lower.inputs, ports: ports ?? lower.ports,
            variables: variables ?? lower.variables)
    }

    package var setup: WorktreeSetup {
        WorktreeSetup(
            copies: copies ?? [], shares: shares ?? [], commands: commands ?? [], inputs: inputs ?? [],
            ports: ports ?? 0, variables: variables ?? [])
    }
}
