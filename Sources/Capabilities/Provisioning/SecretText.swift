import Vocabulary

/// Tells what looks like a secret, by name and by text, and puts placeholders where values were.
///
/// A guess on the safe side: it sees the usual names and the usual shapes, and cannot see a secret that looks
/// like nothing. What it takes for one is replaced or left out, and said so.
enum SecretText {
    /// What a file is, as far as its secrets go.
    enum Judgement: Hashable {
        case harmless
        /// The same text with placeholders instead of values.
        case replaced(String)
        /// It cannot be told which part is the secret.
        case secret
    }

    /// Of a larger file only the name is judged.
    static let textBytesMax = 256 << 10

    /// - Parameter text: nil for a file that is too large, or no text.
    static func judge(path: String, text: String?) -> Judgement {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        guard let text else { return isSecretName(name) || isEnvironmentName(name) ? .secret : .harmless }
        if isSecretName(name) { return .secret }
        let isEnvironment = isEnvironmentName(name)
        guard isEnvironment || text.split(separator: "\n").contains(where: { holdsKey(String($0)) }) else {
            return .harmless
        }
        guard let replaced = replacing(text, everyValue: isEnvironment) else { return .secret }
        return replaced == text ? .harmless : .replaced(replaced)
    }

    // MARK: Names

    private static func isSecretName(_ name: String) -> Bool {
        let endings = [
            ".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".asc", ".gpg", ".tfstate",
            ".netrc", ".pgpass", ".htpasswd",
        ]
        let starts = [
            "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials", "service-account", "secrets.",
        ]
        let wholes: Set<String> = [
            "secrets", "secret", "token", "tokens", "master.key", "auth.json", ".dockerconfigjson",
            ".git-credentials",
        ]
        return endings.contains { name.hasSuffix($0) } || starts.contains { name.hasPrefix($0) }
            || wholes.contains(name) || name.contains("credential") || name.contains("secret")
    }

    /// Every value of such a file counts as a secret, unless it plainly is none.
    private static func isEnvironmentName(_ name: String) -> Bool {
        name == ".env" || name.hasPrefix(".env.") || name.hasPrefix(".env-") || name.hasSuffix(".env")
            || name == ".envrc" || name == ".dev.vars"
    }

    // MARK: Texts

    /// Beginnings by which makers mark their keys.
    private static let marks = [
        "sk-", "sk_live_", "rk_live_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "AKIA", "ASIA",
        "xoxb-",
        "xoxp-", "xapp-", "AIza", "npm_", "pypi-", "hf_", "dop_v1_", "shpat_", "SG.", "eyJ", "whsec_",
    ]
    private static let secretWords = [
        "key", "token", "secret", "passw", "passphrase", "pwd", "auth", "credential", "private", "dsn",
        "cookie", "salt",
    ]
    /// Names under which nothing but a secret stands; the others are also parts of ordinary names.
    private static let passwordWords = ["passw", "passphrase", "pwd"]

    private static func holdsKey(_ line: String) -> Bool {
        if line.contains("-----BEGIN") { return true }
        if let (key, value, _) = assignment(line), isSecretWord(key), looksRandom(bare(value)) { return true }
        // An assignment as the value of a mapping: `environment: API_KEY=ab12cd34ef567`.
        if let colon = line.firstRange(of: ": "), line[colon.upperBound...].contains("="),
            holdsKey(String(line[colon.upperBound...]))
        {
            return true
        }
        if holdsMapping(line) { return true }
        // Userinfo in an address: scheme://name:password@host
        if let scheme = line.firstRange(of: "://"), let at = line[scheme.upperBound...].firstIndex(of: "@"),
            line[scheme.upperBound..<at].contains(":"), !line[scheme.upperBound..<at].contains("/")
        {
            return true
        }
        return words(line).contains { word in
            marks.contains { word.hasPrefix($0) && word.utf8.count >= $0.utf8.count + 12 }
        }
    }

    private static func isSecretWord(_ key: String) -> Bool {
        let key = key.lowercased()
        return secretWords.contains { key.contains($0) }
    }

    private static func looksRandom(_ value: String) -> Bool {
        value.utf8.count >= 12 && value.utf8.contains { (0x30...0x39).contains($0) }
            && value.unicodeScalars.contains { $0.properties.isAlphabetic }
            && !value.contains(" ") && !value.hasPrefix("$") && !value.hasPrefix("/")
            && !value.hasPrefix("http")
    }

    /// `key: value` of YAML or `"key": "value"` of JSON, anywhere in the line.
    ///
    /// Such names are those of ordinary things far more often than in `KEY=VALUE`, so a value counts only
    /// when letters and digits are mixed in a longer piece of it: `v1-dependencies` is none, `ab12cd34ef56`
    /// is one.
    private static func holdsMapping(_ line: String) -> Bool {
        Mapping.all(in: Array(line.utf8)).contains { mapping in
            let name = mapping.key.lowercased()
            guard isSecretWord(name), looksRandom(mapping.value) else { return false }
            // A piece of code, or what is filled in later.
            if !mapping.isQuoted, mapping.value.contains(where: { "<>(){}[];".contains($0) }) { return false }
            if ["${", "{{", "<"].contains(where: { mapping.value.contains($0) }) { return false }
            // A file: a path that ends in a name with an extension.
            if mapping.value.contains("/"), mapping.value.contains(".") { return false }
            return passwordWords.contains { name.contains($0) } || hasMixedPiece(mapping.value)
        }
    }

    private static let mixedPieceBytesMin = 8

    private static func hasMixedPiece(_ value: String) -> Bool {
        value.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.contains {
            $0.utf8.count >= mixedPieceBytesMin && $0.contains(where: \.isLetter)
                && $0.contains(where: \.isNumber)
        }
    }

    private static func words(_ line: String) -> [Substring] {
        line.split { !($0.isLetter || $0.isNumber || "-_./+".contains($0)) }
    }

    /// `KEY=VALUE` or `export KEY=VALUE`: the key, the value as written, and what stands before it.
    private static func assignment(_ line: String) -> (key: String, value: String, before: String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        let before = line[...equals]
        // The equals sign is part of a value: `password: c2VjcmV0=`.
        guard !before.contains(": ") else { return nil }
        var key = line[..<equals].filter { !$0.isWhitespace }
        if key.hasPrefix("export") { key = String(key.dropFirst("export".count)) }
        let isKey =
            !key.isEmpty && key.utf8.count <= 200
            && key.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "_-./:@".unicodeScalars.contains($0))
            }
        guard isKey else { return nil }
        return (key, String(line[line.index(after: equals)...]), String(before))
    }

    private static func bare(_ value: String) -> String {
        var value = value.filter { $0 != "\"" && $0 != "'" }[...]
        while value.first?.isWhitespace == true { value.removeFirst() }
        while value.last?.isWhitespace == true { value.removeLast() }
        return String(value)
    }

    /// nil when a line that may hold a secret is no assignment.
    private static func replacing(_ text: String, everyValue: Bool) -> String? {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let start = line.first { !$0.isWhitespace }
            if start == nil || (start == "#" || start == ";" || start == "[") && !holdsKey(line) {
                lines.append(line)
                continue
            }
            guard start != "#", let (key, value, before) = assignment(line) else {
                // A value of many lines, or a comment with a key in it.
                if everyValue || holdsKey(line) { return nil }
                lines.append(line)
                continue
            }
            // A quote that does not end on its line leads into a value of many lines.
            let quotes = value.filter { $0 == "\"" }.count + value.filter { $0 == "'" }.count
            let isKept = everyValue ? isPlain(bare(value), of: key) : !(isSecretWord(key) || holdsKey(line))
            if isKept {
                lines.append(line)
            } else {
                guard quotes.isMultiple(of: 2) else { return nil }
                lines.append(before + placeholder(for: key))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Plainly no secret: nothing, yes or no, a small number under a harmless name.
    private static func isPlain(_ value: String, of key: String) -> Bool {
        let words: Set<String> = [
            "", "true", "false", "yes", "no", "on", "off", "development", "test", "production", "localhost",
            "debug", "info", "warn", "error",
        ]
        if words.contains(value.lowercased()) { return true }
        return value.utf8.count <= 5 && Int(value) != nil && !isSecretWord(key)
            && !key.lowercased().contains("pin")
    }

    /// What stands instead of a value: the same for the same name, so that a person can tell.
    static func placeholder(for key: String) -> String {
        "graftwork-placeholder-" + key.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
