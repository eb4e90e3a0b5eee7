import Vocabulary
import YAML

/// Reads `upstreams:` of the user's own configuration.
enum UpstreamReader {
    static func upstreams(_ reader: FieldReader, home: String?) throws(ConfigurationError) -> [Upstream] {
        guard let node = reader.value("upstreams") else { return [] }
        var upstreams: [Upstream] = []
        for (name, key, value) in try FieldReader(open: node, file: reader.file, place: "upstreams").named {
            upstreams.append(try upstream(try reader.name(name, "an upstream", at: key), value, reader.file, home))
        }
        return upstreams
    }

    private static func upstream(
        _ name: String, _ node: YAMLNode, _ file: String, _ home: String?
    ) throws(ConfigurationError) -> Upstream {
        let fields = try FieldReader(
            node, file: file, place: "upstream \(name)", keys: ["dialect", "base-url", "vendor", "vendor-by-model", "key"],
            later: ["headers", "prices", "timeout"])
        let known = KnownUpstreams.all.first { $0.name == name }
        let dialect = try fields.choice("dialect", ModelDialect.self, what: "dialect") ?? known?.dialect
        let url = try fields.text("base-url", lengthMax: 500)
        if let url { try check(url, fields) }
        let baseURL = try fields.required("base-url", url ?? known?.baseURL)
        return Upstream(
            name: name, dialect: try fields.required("dialect", dialect), baseURL: trimmed(baseURL),
            vendor: try vendor(fields, host: host(of: baseURL)),
            credential: try credential(fields, home) ?? known?.credential ?? .none)
    }

    private static func trimmed(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    // MARK: Endpoint

    /// TLS everywhere but on this machine: a key never travels in the clear.
    private static func check(_ url: String, _ fields: FieldReader) throws(ConfigurationError) {
        let node = fields.value("base-url") ?? fields.node
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !url.contains("?"), !url.contains("#") else {
            throw fields.bad("base-url", "must be a plain URL without blanks, query or fragment", at: node)
        }
        if url.hasPrefix("unix:/") { return }
        guard let host = host(of: url), !host.isEmpty, !authority(of: url).contains("@") else {
            throw fields.bad("base-url", "must be https://HOST, http://127.0.0.1:PORT or unix:/PATH, without a user name", at: node)
        }
        if url.hasPrefix("http://"), !["127.0.0.1", "localhost", "[::1]"].contains(host) {
            throw fields.bad("base-url", "must be https:// for any host but this machine", at: node)
        }
    }

    private static func authority(of url: String) -> String {
        for scheme in ["https://", "http://"] where url.hasPrefix(scheme) {
            return String(url.dropFirst(scheme.count).prefix { $0 != "/" })
        }
        return ""
    }

    /// The host of a URL in lower case, without its port; nil when it is no URL of ours.
    private static func host(of url: String) -> String? {
        let authority = authority(of: url)
        guard !authority.isEmpty else { return nil }
        if authority.hasPrefix("[") { return String(authority.prefix { $0 != "]" } + "]").lowercased() }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }

    // MARK: Vendor

    /// Only a vendor's own endpoint makes the vendor a fact; at any other host it stays what somebody wrote down.
    private static func vendor(_ fields: FieldReader, host: String?) throws(ConfigurationError) -> VendorRule {
        let named = try fields.text("vendor", lengthMax: 40).map { Vendor($0.lowercased()) }
        let prefixes = try byModel(fields)
        if named != nil, prefixes != nil {
            throw ConfigurationError(
                .badValue(field: "vendor-by-model", why: "cannot stand beside \"vendor\""),
                at: fields.keyPosition("vendor-by-model"))
        }
        if let host, let owner = KnownUpstreams.vendor(ofHost: host) {
            guard prefixes == nil, named == nil || named == owner else {
                throw ConfigurationError(
                    .badValue(
                        field: named == nil ? "vendor-by-model" : "vendor",
                        why: "cannot be chosen for \(host), which is \(owner)'s own endpoint"),
                    at: fields.keyPosition(named == nil ? "vendor-by-model" : "vendor"))
            }
            return .fixed(vendor: owner)
        }
        if let prefixes { return .byModel(prefixes: prefixes) }
        // The empty prefix stands for every model; a rule by model always counts as declared, never as observed.
        return .byModel(prefixes: ["": try fields.required("vendor", named)])
    }

    private static func byModel(_ fields: FieldReader) throws(ConfigurationError) -> [String: Vendor]? {
        guard let node = fields.value("vendor-by-model") else { return nil }
        var prefixes: [String: Vendor] = [:]
        let open = try FieldReader(open: node, file: fields.file, place: "vendor-by-model")
        for (prefix, _, value) in open.named {
            prefixes[prefix] = Vendor(try open.text(value, prefix, lengthMax: 40).lowercased())
        }
        return prefixes
    }

    // MARK: Key

    /// Says where the key is. A key itself never stands in a file, and never in an error message.
    private static func credential(_ fields: FieldReader, _ home: String?) throws(ConfigurationError) -> CredentialSource? {
        guard let node = fields.value("key") else { return nil }
        if node.text == "none" { return CredentialSource.none }
        guard node.text == nil else {
            throw fields.bad("key", "must be none, { env: NAME }, { file: PATH } or { command: [ARGV] }, never a key itself", at: node)
        }
        let key = try FieldReader(
            node, file: fields.file, place: "key", keys: ["env", "file", "command"], later: ["claude-login", "codex-login"])
        guard key.named.count == 1 else {
            throw fields.bad("key", "must say exactly one of env, file and command", at: node)
        }
        if let variable = try key.text("env", lengthMax: 200) {
            let isName = variable.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
            }
            guard isName, variable.utf8.first.map({ !(0x30...0x39).contains($0) }) == true else {
                throw key.bad("env", "must be the name of a variable, like ANTHROPIC_API_KEY", at: key.value("env") ?? node)
            }
            return .environment(variable: variable)
        }
        if let path = try key.text("file", lengthMax: 4_000) {
            if path.hasPrefix("/") { return .file(path: path) }
            if path.hasPrefix("~/"), let home { return .file(path: home + path.dropFirst()) }
            throw key.bad("file", "must be an absolute path or start with ~/", at: key.value("file") ?? node)
        }
        let argv = try key.required("command", try key.texts("command", countMax: 50))
        guard let program = argv.first, !program.isEmpty else {
            throw key.bad("command", "names no program", at: key.value("command") ?? node)
        }
        return .command(argv: argv)
    }
}
