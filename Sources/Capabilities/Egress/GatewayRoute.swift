import Vocabulary

/// Which upstream and which of its endpoints a request is for.
///
/// Only what a model session needs is let through. Everything else of a vendor's API (files, batches,
/// fine-tuning, organisation) could spend or leak with the real key and would not be metered.
struct GatewayRoute: Hashable {
    enum Endpoint: Hashable {
        case messages, countTokens, responses, compactResponses, chatCompletions, models

        /// A model answers here, so usage is expected.
        var isMetered: Bool {
            switch self {
            case .messages, .responses, .compactResponses, .chatCompletions: true
            case .countTokens, .models: false
            }
        }
        var method: String { self == .models ? "GET" : "POST" }
    }

    enum Refusal: Hashable {
        case badTarget(String)
        case unknownUpstream(String)
        case endpointClosed(upstream: String, path: String)
        case wrongMethod(upstream: String, method: String)
    }

    let upstream: Upstream
    let endpoint: Endpoint
    /// What follows the upstream's name, query included, exactly as sent.
    let rest: String

    static func find(method: String, target: String, in upstreams: [Upstream]) -> (
        route: GatewayRoute?, refusal: Refusal?
    ) {
        if let flaw = flaw(in: target) { return (nil, .badTarget(flaw)) }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(
            String.init)
        let name = segments.first ?? ""
        guard let upstream = upstreams.first(where: { $0.name == name }) else {
            return (nil, .unknownUpstream(name))
        }
        var path = Array(segments.dropFirst())
        if path.first == "v1" { path.removeFirst() }
        guard let endpoint = endpoint(path, upstream.dialect) else {
            return (
                nil, .endpointClosed(upstream: name, path: "/" + segments.dropFirst().joined(separator: "/"))
            )
        }
        guard method == endpoint.method else { return (nil, .wrongMethod(upstream: name, method: method)) }
        let rest = String(target.dropFirst(name.count + 1))
        return (GatewayRoute(upstream: upstream, endpoint: endpoint, rest: rest), nil)
    }

    private static func endpoint(_ path: [String], _ dialect: ModelDialect) -> Endpoint? {
        if path == ["models"] || (path.count == 2 && path[0] == "models") { return .models }
        switch dialect {
        case .anthropicMessages:
            if path == ["messages"] { return .messages }
            return path == ["messages", "count_tokens"] ? .countTokens : nil
        case .openaiResponses, .openaiChat:
            if path == ["responses"] { return .responses }
            if path == ["responses", "compact"] { return .compactResponses }
            return path == ["chat", "completions"] ? .chatCompletions : nil
        }
    }

    /// What makes a target unfit to be forwarded: it could mean one path here and another one at the
    /// upstream.
    private static func flaw(in target: String) -> String? {
        guard target.utf8.count <= 4096 else { return "it is longer than 4096 bytes" }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            return "it holds a blank, a control byte or a byte beyond ASCII"
        }
        guard target.hasPrefix("/") else { return "it is no path" }
        let path = target.prefix { $0 != "?" }
        guard !target.contains("#"), !path.contains("\\"), !path.contains(";") else {
            return "it holds a \\, a ; or a #"
        }
        guard !path.contains("//") else { return "it holds //" }
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            return "it holds a . or .. segment"
        }
        // No endpoint has an escape in its path, so there is none whose meaning would have to be settled.
        guard !path.contains("%") else { return "it holds an escape" }
        return nil
    }
}
