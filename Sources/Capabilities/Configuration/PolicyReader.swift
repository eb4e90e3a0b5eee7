import Expressions
package import Policies
package import Vocabulary
import YAML

/// Turns the text of a policy file into policies that are known to be evaluable and to do what their examples say.
package enum PolicyReader {
    package static let policiesMax = 200
    package static let examplesMax = 50

    package static func policies(_ source: PolicySource) throws(ConfigurationError) -> [Policy] {
        let root = try FieldReader.root(source.text, file: source.file)
        let reader = try FieldReader(
            root, file: source.file, place: "the policy file", keys: ["version", "policies"], later: ["include", "approvers"])
        try reader.version()
        // `policies:` with nothing after it is a file somebody did not finish; an empty list is a decision.
        guard let elements = try reader.elements("policies") else {
            throw ConfigurationError(.missingKey("policies", place: reader.place), at: reader.position)
        }
        guard elements.count <= policiesMax else {
            throw ConfigurationError(
                .badValue(field: "policies", why: "has more than \(policiesMax) entries"), at: reader.keyPosition("policies"))
        }
        var policies: [Policy] = []
        for element in elements {
            let policy = try policy(element, source)
            guard !policies.contains(where: { $0.name == policy.name }) else {
                throw ConfigurationError(.duplicate(what: "policies", name: policy.name), at: reader.position(element))
            }
            policies.append(policy)
        }
        return policies
    }

    private static func policy(_ node: YAMLNode, _ source: PolicySource) throws(ConfigurationError) -> Policy {
        let reader = try FieldReader(
            node, file: source.file, place: "a policy", keys: ["name", "on", "when", "then", "reason", "do", "examples"],
            later: ["use", "with", "approvers", "expires", "add", "set", "label", "scope", "four-eyes", "unless"])
        let name = try reader.name(
            try reader.required("name", try reader.text("name")), "a policy", at: reader.value("name") ?? node)
        let kinds = try kinds(reader)
        var policy = Policy(
            name: name, on: kinds, when: try condition(reader, on: kinds), then: try decision(reader),
            reason: try reason(reader, on: kinds), instead: try reader.text("do", lengthMax: 2_000),
            source: reader.position, level: source.level)
        policy.examples = try examples(reader, on: kinds)
        try hold(policy)
        return policy
    }

    private static func kinds(_ reader: FieldReader) throws(ConfigurationError) -> [ActionKind] {
        let nodes = try reader.required("on", try reader.oneOrMore("on"))
        var kinds: [ActionKind] = []
        for node in nodes {
            let kind = try reader.choice(node, "on", ActionKind.self, what: "action")
            guard !kinds.contains(kind) else {
                throw ConfigurationError(.duplicate(what: "actions", name: kind.rawValue), at: reader.position(node))
            }
            kinds.append(kind)
        }
        guard !kinds.isEmpty else { throw reader.bad("on", "names no action", at: reader.value("on") ?? reader.node) }
        return kinds
    }

    private static func decision(_ reader: FieldReader) throws(ConfigurationError) -> Decision {
        let node = try reader.required("then", reader.value("then"))
        guard node.entries == nil else {
            throw ConfigurationError(
                .notSupported("\"then\" with state changes", advice: "Write allow, ask or deny."), at: reader.position(node))
        }
        return try reader.choice(node, "then", Decision.self, what: "decision")
    }

    // MARK: Conditions

    private static func condition(
        _ reader: FieldReader, on kinds: [ActionKind]
    ) throws(ConfigurationError) -> ParsedExpression? {
        guard reader.node["when"] != nil else { return nil }
        // `when:` with nothing after it would otherwise hold always.
        let node = try reader.required("when", reader.value("when"))
        guard let text = node.text else {
            throw ConfigurationError(.wrongType(field: "when", expected: "a condition"), at: reader.position(node))
        }
        let expression: ParsedExpression
        do {
            expression = try ParsedExpression(text)
        } catch {
            throw reader.failed(error, node)
        }
        try checkNames(expression, on: kinds, text: expression.source, offset: 0, reader, node)
        return expression
    }

    private static func reason(
        _ reader: FieldReader, on kinds: [ActionKind]
    ) throws(ConfigurationError) -> InterpolatedText? {
        guard let node = reader.value("reason") else { return nil }
        guard let text = node.text, text.utf8.count <= 2_000 else {
            throw ConfigurationError(.wrongType(field: "reason", expected: "a text of at most 2000 bytes"), at: reader.position(node))
        }
        let reason: InterpolatedText
        do {
            reason = try InterpolatedText(text)
        } catch {
            throw reader.failed(error, node)
        }
        for (expression, offset) in zip(reason.expressions, reason.offsets) {
            try checkNames(expression, on: kinds, text: text, offset: offset, reader, node)
        }
        return reason
    }

    /// `offset` is where the expression starts in the text of its scalar.
    private static func checkNames(
        _ expression: ParsedExpression, on kinds: [ActionKind], text: String, offset: Int, _ reader: FieldReader,
        _ node: YAMLNode
    ) throws(ConfigurationError) {
        guard let unknown = PolicyVariables.unknownName(in: expression, on: kinds) else { return }
        let place = offset + unknown.offset
        let line = text.unicodeScalars.prefix(place).count { $0 == "\n" } + 1
        let what =
            switch unknown.variable {
            case nil: "value"
            case "worktree"?, "run"?: "fact of a \(unknown.variable ?? "")"
            case .some: "field of \(kinds.map(\.rawValue).joined(separator: " and "))"
            }
        throw ConfigurationError(
            .unknownValue(unknown.name, what: what, known: unknown.known),
            at: reader.position(node, offset: place, line: line))
    }

    // MARK: Examples

    private static func examples(
        _ reader: FieldReader, on kinds: [ActionKind]
    ) throws(ConfigurationError) -> [PolicyExample] {
        guard let elements = try reader.elements("examples") else { return [] }
        guard elements.count <= examplesMax else {
            throw ConfigurationError(
                .badValue(field: "examples", why: "has more than \(examplesMax) entries"), at: reader.keyPosition("examples"))
        }
        var examples: [PolicyExample] = []
        for element in elements {
            let example = try FieldReader(element, file: reader.file, place: "an example", keys: ["given", "expect"])
            let word = try example.required("expect", try example.text("expect"))
            let expectations: [PolicyExample.Expectation] = Decision.allCases.map { .decision($0) } + [.pass]
            guard let expect = expectations.first(where: { $0.word == word }) else {
                throw ConfigurationError(
                    .unknownValue(word, what: "expectation", known: expectations.map(\.word)),
                    at: example.position(example.value("expect") ?? element))
            }
            var read = PolicyExample(expect: expect, source: example.position)
            if let given = example.value("given") {
                let facts = try FieldReader(
                    given, file: reader.file, place: "given", keys: ["action", "worktree", "run"], later: ["request", "user"])
                read.action = try object("action", facts, on: kinds)
                read.worktree = try object("worktree", facts, on: kinds)
                read.run = try object("run", facts, on: kinds)
            }
            examples.append(read)
        }
        return examples
    }

    private static func object(
        _ key: String, _ facts: FieldReader, on kinds: [ActionKind]
    ) throws(ConfigurationError) -> JSONValue {
        guard let node = facts.value(key) else { return [:] }
        let known = PolicyVariables.fields(of: key, on: kinds)
        var members: [String: JSONValue] = [:]
        for (name, keyNode, value) in try FieldReader(open: node, file: facts.file, place: key).named {
            guard known.contains(name) else {
                throw ConfigurationError(.unknownKey(name, place: key, known: known), at: facts.position(keyNode))
            }
            members[name] = JSONValue(value)
        }
        return .object(members)
    }

    private static func hold(_ policy: Policy) throws(ConfigurationError) {
        for example in policy.examples {
            let outcome: String
            switch policy.outcome(of: example) {
            case .success(let found) where found == example.expect: continue
            case .success(let found): outcome = found.word
            case .failure(let error): outcome = "an error (\(error.description))"
            }
            let given = [("action", example.action), ("worktree", example.worktree), ("run", example.run)]
                .filter { $0.1 != [:] }.map { "\($0.0): \($0.1.flowText)" }.joined(separator: ", ")
            throw ConfigurationError(
                .wrongExample(
                    policy: policy.name, example: "given { \(given) } expect \(example.expect.word)", outcome: outcome),
                at: example.source)
        }
    }
}

extension JSONValue {
    /// A YAML value as JSON: unquoted words that look like null, a truth or a number are that.
    fileprivate init(_ node: YAMLNode) {
        switch node.value {
        case .scalar(let text, isPlain: false): self = .string(text)
        case .scalar(let text, isPlain: true):
            if node.isNull {
                self = .null
            } else if text == "true" || text == "false" {
                self = .bool(text == "true")
            } else if let number = Int64(text) {
                self = .int(number)
            } else if let first = text.utf8.first, (0x30...0x39).contains(first) || first == 0x2D, let number = Double(text) {
                self = .double(number)
            } else {
                self = .string(text)
            }
        case .sequence(let elements): self = .array(elements.map { JSONValue($0) })
        case .mapping(let entries):
            self = .object(
                Dictionary(entries.map { ($0.key.text ?? "", JSONValue($0.value)) }, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// The value on one line, keys sorted.
    fileprivate var flowText: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .string(let value): String(reflecting: value)
        case .array(let values): "[" + values.map(\.flowText).joined(separator: ", ") + "]"
        case .object(let members):
            "{ " + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.flowText)" }.joined(separator: ", ") + " }"
        }
    }
}
