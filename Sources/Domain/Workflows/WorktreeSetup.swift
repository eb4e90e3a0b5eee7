package import Vocabulary

/// What makes a fresh tree ready to work in: files to copy, paths to show, commands to run, ports and
/// variables.
package struct WorktreeSetup: Hashable, Sendable, Codable {
    /// Files of the user's checkout that git ignores, by pattern.
    package struct Copy: Hashable, Sendable, Codable {
        /// As in a `.gitignore`; never leads out of the checkout.
        package var pattern: String
        /// What looks like a secret is copied as it is, once a person said yes to exactly those bytes.
        package var isRaw: Bool
        package init(pattern: String, isRaw: Bool = false) {
            self.pattern = pattern
            self.isRaw = isRaw
        }
    }

    package struct Variable: Hashable, Sendable, Codable {
        package var name: String
        package var value: String
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var copies: [Copy]
    /// Host paths shown read-only inside; only the user's own files name them.
    package var shares: [String]
    /// Run one after the other, in the tree, without a network.
    package var commands: [CheckDefinition.Command]
    /// The files whose contents the commands depend on; empty: the whole tree.
    package var inputs: [String]
    /// How many ports each worktree gets.
    package var ports: Int
    /// By name, in order.
    package var variables: [Variable]

    package init(
        copies: [Copy] = [], shares: [String] = [], commands: [CheckDefinition.Command] = [],
        inputs: [String] = [], ports: Int = 0, variables: [Variable] = []
    ) {
        self.copies = copies
        self.shares = shares
        self.commands = commands
        self.inputs = inputs
        self.ports = ports
        self.variables = variables
    }

    /// Nothing is put into the tree: no files, no commands.
    package var leavesTreeAlone: Bool { copies.isEmpty && commands.isEmpty }

    /// The variables of set-up, session and checks; `firstPort` is that of the worktree's block.
    package func environment(firstPort: Int?) -> [String: String] {
        var environment: [String: String] = [:]
        for variable in variables { environment[variable.name] = variable.value }
        if let firstPort {
            for index in 0..<ports {
                environment[index == 0 ? "GRAFTWORK_PORT" : "GRAFTWORK_PORT_\(index)"] =
                    String(firstPort + index)
            }
        }
        return environment
    }
}

extension CheckDefinition.Command {
    /// One line for people.
    package var line: String {
        switch self {
        case .argv(let argv): argv.joined(separator: " ")
        case .script(let script): script
        }
    }

    /// What is executed: a script is one of `/bin/sh`.
    package var argv: [String] {
        switch self {
        case .argv(let argv): argv
        case .script(let script): ["/bin/sh", "-eu", "-c", script]
        }
    }
}
