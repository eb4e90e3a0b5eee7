internal import Vocabulary

/// How Codex is started for one session: everything it must know stands in a config file of its own home.
enum CodexLaunch {
    private static let folder = "codex"
    private static let keyVariable = "GRAFTWORK_GATEWAY_KEY"

    /// Off: what calls other hosts, starts programs of the user's, retries without end, or hands the work to
    /// more agents than the one that was asked for.
    private static let featuresOff = [
        "api_key_model_discovery", "apps", "browser_use", "computer_use", "enable_request_compression",
        "goals",
        "hooks", "image_generation", "in_app_browser", "multi_agent", "plugins", "remote_plugin",
        "shell_snapshot",
        "skill_mcp_dependency_install", "tool_suggest", "unbounded_connection_retries",
    ]

    static func launch(
        for spec: SessionSpecification, program: HarnessProgram, in surroundings: HarnessSurroundings
    ) -> HarnessLaunch {
        HarnessLaunch(
            argv: [program.executable, "app-server"],
            environment: [
                "CODEX_HOME": "\(surroundings.home)/\(folder)", keyVariable: surroundings.placeholderKey,
                "RUST_LOG": "error",
            ],
            homeFiles: [
                HarnessLaunch.HomeFile(
                    path: "\(folder)/config.toml", contents: configuration(spec, surroundings))
            ], readOnlyPaths: program.readOnlyPaths)
    }

    private static func configuration(_ spec: SessionSpecification, _ surroundings: HarnessSurroundings)
        -> String
    {
        let model = spec.agent.model.map { "model = \(quoted($0))\n" } ?? ""
        return """
            \(model)model_provider = "graftwork"
            web_search = "disabled"
            check_for_update_on_startup = false

            [model_providers.graftwork]
            name = "graftwork"
            base_url = \(quoted("\(HarnessLauncher.gateway(surroundings))/v1"))
            wire_api = "responses"
            env_key = "\(keyVariable)"
            request_max_retries = 3
            stream_max_retries = 3
            stream_idle_timeout_ms = 300000
            supports_websockets = false

            [analytics]
            enabled = false

            [features]
            \(featuresOff.map { "\($0) = false" }.joined(separator: "\n"))

            # Without this line Codex trusts the worktree and starts what its .codex/config.toml names.
            [projects.\(quoted(surroundings.worktree))]
            trust_level = "untrusted"

            """
    }

    /// A TOML basic string.
    static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: output += "\\\""
            case 0x5C: output += "\\\\"
            case 0x00...0x1F, 0x7F:
                let digits = String(scalar.value, radix: 16)
                output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
