/// The wire format an upstream speaks.
package enum ModelDialect: String, Hashable, Sendable, Codable, CaseIterable {
    case anthropicMessages = "anthropic-messages"
    case openaiResponses = "openai-responses"
    case openaiChat = "openai-chat"
}

/// How the vendor of an upstream's answers is known.
package enum VendorRule: Hashable, Sendable, Codable {
    /// The upstream is the vendor's own endpoint.
    case fixed(vendor: Vendor)
    /// A third-party gateway: the longest model-name prefix decides, and the vendor counts as declared.
    case byModel(prefixes: [String: Vendor])
}

/// Where the gateway finds the real key, outside the sandbox.
package enum CredentialSource: Hashable, Sendable, Codable {
    case none
    /// A variable of the user's environment.
    case environment(variable: String)
    /// A file; its trimmed contents are the key.
    case file(path: String)
    /// The stdout of a command, trimmed.
    case command(argv: [String])
}

/// A model endpoint, declared at user level.
package struct Upstream: Hashable, Sendable, Codable {
    /// The first path segment at the gateway: `/anthropic`, `/openai`, `/<name>`.
    package var name: String
    package var dialect: ModelDialect
    /// `https://host[:port][/prefix]`, or `http://127.0.0.1:port`, or `unix:/path` for a local server.
    package var baseURL: String
    package var vendor: VendorRule
    package var credential: CredentialSource
    /// Answers come from a script. Set only by Rehearsal's own configuration.
    package var isRehearsal: Bool

    package init(
        name: String, dialect: ModelDialect, baseURL: String, vendor: VendorRule,
        credential: CredentialSource,
        isRehearsal: Bool = false
    ) {
        self.name = name
        self.dialect = dialect
        self.baseURL = baseURL
        self.vendor = vendor
        self.credential = credential
        self.isRehearsal = isRehearsal
    }
}
