import HTTPServer
import Vocabulary

/// Which header fields pass the gateway, and where the key goes.
enum HeaderRules {
    /// Every field in which a client may have put a credential of its own.
    private static let credentials: Set<String> = [
        "authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie",
    ]
    /// Fields of one connection (RFC 9110, 7.6.1), and those that the client library writes itself.
    private static let hopByHop: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
        "http2-settings",
        "host", "content-length", "expect", "accept-encoding",
    ]
    private static let notReturned: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "trailer", "transfer-encoding", "upgrade",
        "content-length", "date",
        "set-cookie", "alt-svc", "proxy-authenticate", "www-authenticate", "strict-transport-security",
    ]

    /// What is sent on: the client's fields without credentials, the real key in the dialect's own place.
    static func forwarded(_ fields: [HTTPField], dialect: ModelDialect, key: String?) -> [(
        name: String, value: String
    )] {
        var dropped = credentials.union(hopByHop)
        for field in fields where field.name.lowercased() == "connection" {
            for name in field.value.split(separator: ",") { dropped.insert(name.trimmed.lowercased()) }
        }
        var sent = fields.filter { !dropped.contains($0.name.lowercased()) }.map {
            (name: $0.name, value: $0.value)
        }
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
