import Vocabulary
import YAML

/// Reads `checks:` and `check:`, which mean the same in configuration and workflow.
enum CheckReader {
    static let checksMax = 20
    static let timeoutMinutesRange = 1...240

    static func checks(_ key: String, in reader: FieldReader) throws(ConfigurationError) -> [CheckDefinition] {
        guard let elements = try reader.elements(key) else { return [] }
        guard elements.count <= checksMax else {
            throw ConfigurationError(
                .badValue(field: key, why: "has more than \(checksMax) checks"), at: reader.keyPosition(key))
        }
        var checks: [CheckDefinition] = []
        for element in elements {
            let check = try check(element, reader.file)
            guard !checks.contains(where: { $0.name == check.name }) else {
                throw ConfigurationError(.duplicate(what: "checks", name: check.name), at: reader.position(element))
            }
            checks.append(check)
        }
        return checks
    }

    private static func check(_ node: YAMLNode, _ file: String) throws(ConfigurationError) -> CheckDefinition {
        let reader = try FieldReader(
            node, file: file, place: "a check", keys: ["name", "run", "argv", "require-tests", "timeout-minutes"],
            later: ["report", "env", "working-directory", "retry"])
        let name = try reader.required("name", try reader.text("name", lengthMax: 60))
        guard !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw reader.bad("name", "must be a short text on one line", at: reader.value("name") ?? node)
        }
        let minutes = try reader.int("timeout-minutes") ?? 15
        guard timeoutMinutesRange.contains(minutes) else {
            throw reader.bad("timeout-minutes", "may be 1 to 240", at: reader.value("timeout-minutes") ?? node)
        }
        let required = try reader.int("require-tests")
        if let required, !(0...1_000_000).contains(required) {
            throw reader.bad("require-tests", "may be 0 to 1000000", at: reader.value("require-tests") ?? node)
        }
        return CheckDefinition(
            name: name, command: try command(reader), requireTests: required, timeoutSeconds: minutes * 60, origin: file)
    }

    private static func command(_ reader: FieldReader) throws(ConfigurationError) -> CheckDefinition.Command {
        let script = try reader.text("run")
        let argv = try reader.texts("argv")
        switch (script, argv) {
        case (let script?, nil):
            guard script.contains(where: { !$0.isWhitespace }) else {
                throw reader.bad("run", "is empty", at: reader.value("run") ?? reader.node)
            }
            return .script(script)
        case (nil, let argv?):
            guard let program = argv.first, !program.isEmpty else {
                throw reader.bad("argv", "names no program", at: reader.value("argv") ?? reader.node)
            }
            return .argv(argv)
        case (nil, nil): throw ConfigurationError(.missingKey("run", place: "a check"), at: reader.position)
        case (.some, .some):
            throw ConfigurationError(
                .badValue(field: "argv", why: "cannot stand beside \"run\"; a check is one of them"),
                at: reader.keyPosition("argv"))
        }
    }
}
