import Vocabulary

/// Where an upstream is reached: a URL to put a path behind, or a unix socket.
struct UpstreamAddress: Hashable {
    let baseURL: String
    let unixSocketPath: String?

    /// `hasKey`: a key must never travel unencrypted beyond this machine.
    init(of upstream: Upstream, hasKey: Bool) throws(EgressError) {
        func unusable(_ cause: String) -> EgressError {
            .upstreamUnusable(upstream: upstream.name, cause: cause)
        }
        var text = upstream.baseURL
        while text.hasSuffix("/"), !text.hasSuffix("://") { text.removeLast() }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains("?"), !text.contains("#"),
            !text.contains("@")
        else {
            throw unusable("its base URL holds a blank, a query, a fragment or a user's name")
        }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/") else { throw unusable("unix: needs an absolute path") }
            (baseURL, unixSocketPath) = ("http://localhost", path)
            return
        }
        let isEncrypted = text.hasPrefix("https://")
        guard isEncrypted || text.hasPrefix("http://") else {
            throw unusable("its base URL begins with neither https://, http:// nor unix:")
        }
        let authority = text.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" }
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        guard !host.isEmpty else { throw unusable("its base URL names no host") }
        guard isEncrypted || !hasKey || ["127.0.0.1", "localhost", "[::1]"].contains(host) else {
            throw unusable("a key would travel unencrypted to \(host)")
        }
        (baseURL, unixSocketPath) = (text, nil)
    }
}
