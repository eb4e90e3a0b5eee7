/// Which names of environment variables may be given to a sandbox, and by whom.
package enum VariableName {
    /// Letters, digits and underscores, and no digit first.
    package static func isName(_ name: String) -> Bool {
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

    /// They lead to the user's agents, buses, screens and containers, or change what programs load: no
    /// sandbox takes them from anybody.
    package static func isRefused(_ name: String) -> Bool {
        if allowed.contains(name) { return false }
        return refused.contains(name) || refusedPrefixes.contains { name.hasPrefix($0) }
    }

    /// Set by us in every sandbox, or by the harness's own launch: whoever could set them would turn the
    /// agent to another model, another home, or past its gateway.
    package static func isOurs(_ name: String) -> Bool {
        let upper = name.uppercased()
        return ours.contains(upper) || oursPrefixes.contains { upper.hasPrefix($0) }
    }

    /// They change what interpreters load before the first line of a program, a harness among them: the
    /// user's own file may set them, a repository's never.
    package static func steersPrograms(_ name: String) -> Bool {
        let upper = name.uppercased()
        return steering.contains(upper) || steeringPrefixes.contains { upper.hasPrefix($0) }
    }

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
    private static let ours: Set<String> = [
        "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
        "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ]
    private static let oursPrefixes = [
        "GRAFTWORK", "ANTHROPIC_", "OPENAI_", "CLAUDE_", "CODEX_", "MISTRAL_", "GEMINI_", "GOOGLE_", "XDG_",
    ]
    private static let steering: Set<String> = ["PATH", "ENV", "BASH_ENV", "PROMPT_COMMAND", "PERL5OPT"]
    private static let steeringPrefixes = [
        "NODE_OPTIONS", "NODE_PATH", "BUN_", "PYTHON", "PERL5", "RUBYOPT", "RUBYLIB",
    ]
}
