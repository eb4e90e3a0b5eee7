import HTTPServer
import Vocabulary

/// Which header fields pass the gateway, and where the key goes.
enum HeaderRules {
    /// What harnesses send and model endpoints read. A list of what passes, not of what does not: a gateway
    /// between here and the vendor may have fields of its own that say where request and key shall go.
    private static let passed: Set<String> = [
        "accept", "accept-language", "content-type", "idempotency-key", "openai-beta", "originator",
        "session-id", "session_id", "conversation_id", "thread-id", "user-agent", "version", "x-app",
        "x-client-request-id", "x-request-id",
    ]
    private static let passedPrefixes = ["anthropic-", "x-stainless-", "x-codex-", "x-claude-code-"]
    private static let notReturned: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "trailer", "transfer-encoding", "upgrade",
        "content-length", "date",
        "set-cookie", "alt-svc", "proxy-authenticate", "www-authenticate", "strict-transport-security",
    ]

    /// What is sent on: the client's known fields, and the real key in the dialect's own place.
    static func forwarded(_ fields: [HTTPField], dialect: ModelDialect, key: String?) -> [(
        name: String, value: String
    )] {
        // Fields of one connection (RFC 9110, 7.6.1), by whatever name.
        var ofConnection: Set<String> = []
        for field in fields where field.name.lowercased() == "connection" {
            for name in field.value.split(separator: ",") { ofConnection.insert(name.trimmed.lowercased()) }
        }
        var sent = fields.filter { field in
            let name = field.name.lowercased()
            let isKnown = passed.contains(name) || passedPrefixes.contains { name.hasPrefix($0) }
            return isKnown && !ofConnection.contains(name)
        }.map { (name: $0.name, value: $0.value) }
        // Usage is read from the answer; it must not be compressed.
        sent.append(("Accept-Encoding", "identity"))
        if let key {
            switch dialect {
            case .anthropicMessages: sent.append(("x-api-key", key))
            case .openaiResponses, .openaiChat: sent.append(("Authorization", "Bearer \(key)"))
            }
        }
        return sent
    }

    /// What is returned to the client.
    static func returned(_ fields: [(name: String, value: String)], redactor: SecretRedactor) -> [HTTPField] {
        fields.filter { !notReturned.contains($0.name.lowercased()) }
            .map { HTTPField($0.name, redactor.redacted($0.value)) }
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
