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

    /// They lead to the user's agents, buses, screens and containers, or change what programs load.
    private static let refused: Set<String> = [
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "GNOME_KEYRING_CONTROL", "KRB5CCNAME",
        "XDG_RUNTIME_DIR",
        "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DOCKER_HOST", "DOCKER_CONFIG", "KUBECONFIG",
    ]
    private static let refusedPrefixes = ["DBUS_", "LD_", "GIT_"]
    private static let allowed: Set<String> = [
        "GIT_TERMINAL_PROMPT", "GIT_CONFIG_NOSYSTEM", "GIT_OPTIONAL_LOCKS", "GIT_PAGER", "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_DATE",
    ]

    /// The variables by name, in order.
    static func merged(with added: [String: String]) throws(SandboxError) -> [SandboxVariable] {
        for (name, value) in added.sorted(by: { $0.key < $1.key }) {
            guard isName(name), !isRefused(name), !value.utf8.contains(0), value.utf8.count <= valueBytesMax
            else {
                throw .environmentRefused(name: name)
            }
        }
        return base.merging(added) { $1 }.sorted { $0.key < $1.key }.map {
            SandboxVariable(name: $0.key, value: $0.value)
        }
    }

    private static func isRefused(_ name: String) -> Bool {
        if allowed.contains(name) { return false }
        return refused.contains(name) || refusedPrefixes.contains { name.hasPrefix($0) }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
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
