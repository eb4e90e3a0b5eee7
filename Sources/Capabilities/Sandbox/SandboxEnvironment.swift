import Vocabulary

/// Which variables exist inside: ours, and what the profile adds. Nothing of the server's own environment
/// does.
enum SandboxEnvironment {
    static let valueBytesMax = 128 << 10

    static let searchPath = "/usr/local/bin:/usr/bin:/bin"

    static let base: [String: String] = [
        "PATH": searchPath,
        "HOME": SandboxPlan.homeInside,
        "USER": "agent",
        "LOGNAME": "agent",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "TMPDIR": "/tmp",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        // Compiled Python beside the sources would become part of a change wherever nobody ignores it.
        "PYTHONDONTWRITEBYTECODE": "1",
    ]

    /// The variables by name, in order.
    static func merged(with added: [String: String]) throws(SandboxError) -> [SandboxVariable] {
        for (name, value) in added.sorted(by: { $0.key < $1.key }) {
            guard VariableName.isName(name), !VariableName.isRefused(name), !value.utf8.contains(0),
                value.utf8.count <= valueBytesMax
            else {
                throw .environmentRefused(name: name)
            }
        }
        return base.merging(added) { $1 }.sorted { $0.key < $1.key }.map {
            SandboxVariable(name: $0.key, value: $0.value)
        }
    }
}

/// A variable of the sandbox's environment.
package struct SandboxVariable: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
