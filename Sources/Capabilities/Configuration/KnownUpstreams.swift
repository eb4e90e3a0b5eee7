import Vocabulary

/// The vendors' own endpoints: they need no declaration, and nobody may declare them as another vendor's.
enum KnownUpstreams {
    static let all = [
        Upstream(
            name: "anthropic", dialect: .anthropicMessages, baseURL: "https://api.anthropic.com",
            vendor: .fixed(vendor: .anthropic), credential: .environment(variable: "ANTHROPIC_API_KEY")),
        Upstream(
            name: "openai", dialect: .openaiResponses, baseURL: "https://api.openai.com",
            vendor: .fixed(vendor: .openai), credential: .environment(variable: "OPENAI_API_KEY")),
        Upstream(
            name: "mistral", dialect: .openaiChat, baseURL: "https://api.mistral.ai",
            vendor: .fixed(vendor: .mistral), credential: .environment(variable: "MISTRAL_API_KEY")),
    ]

    /// The vendor whose own endpoint a host is; nil for anybody else's host.
    static func vendor(ofHost host: String) -> Vendor? {
        switch host.lowercased() {
        case "api.anthropic.com": .anthropic
        case "api.openai.com": .openai
        case "api.mistral.ai": .mistral
        case "generativelanguage.googleapis.com": .google
        default: nil
        }
    }

    /// The upstream a harness talks to when nothing else is said; nil when it has no home of its own.
    static func home(of harness: HarnessKind) -> String? {
        switch harness {
        case .claude: "anthropic"
        case .codex: "openai"
        case .builtIn, .acp, .command: nil
        }
    }
}
