package import Vocabulary

/// The part of JSON Schema that plans and verdicts use: `type`, `required`, `properties`,
/// `additionalProperties: false`, `items` and `enum`. Other keywords are not judged.
package struct AnswerSchema: Hashable, Sendable {
    /// A deeper answer is refused; nothing we ask for comes near.
    package static let depthMax = 32
    /// Complaints beyond this many say nothing new.
    package static let complaintsMax = 5

    package let schema: JSONValue
    package init(_ schema: JSONValue) { self.schema = schema }

    /// What is wrong with an answer, in words that name the place; empty: nothing.
    package func complaints(about answer: JSONValue) -> [String] {
        var found: [String] = []
        Self.judge(answer, by: schema, at: "the answer", depth: 0, into: &found)
        return found
    }

    private static func judge(
        _ value: JSONValue, by schema: JSONValue, at place: String, depth: Int, into found: inout [String]
    ) {
        guard found.count < complaintsMax else { return }
        guard depth < depthMax else { return found.append("\(place) is nested too deeply") }
        if let wanted = schema["type"], !types(of: wanted).contains(where: { value.isOfType($0) }) {
            let names = types(of: wanted).joined(separator: " or ")
            return found.append("\(place) must be \(names), not \(value.typeName)")
        }
        if let choices = schema["enum"]?.arrayValue, !choices.contains(value) {
            let names = choices.compactMap(\.stringValue).joined(separator: ", ")
            found.append("\(place) must be one of \(names)")
        }
        switch value {
        case .object(let members):
            judgeMembers(members, by: schema, at: place, depth: depth, into: &found)
        case .array(let elements):
            guard let items = schema["items"] else { return }
            for (index, element) in elements.enumerated() {
                judge(element, by: items, at: "\(place)[\(index)]", depth: depth + 1, into: &found)
            }
        case .null, .bool, .int, .double, .string:
            return
        }
    }

    private static func judgeMembers(
        _ members: [String: JSONValue], by schema: JSONValue, at place: String, depth: Int,
        into found: inout [String]
    ) {
        let known = schema["properties"]?.objectValue ?? [:]
        for name in (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        where members[name] == nil {
            found.append("\(place) lacks '\(name)'")
        }
        for name in members.keys.sorted() {
            if let inner = known[name] {
                judge(
                    members[name] ?? .null, by: inner, at: "\(place).\(name)", depth: depth + 1, into: &found)
            } else if schema["additionalProperties"] == .bool(false) {
                found.append("\(place) has a member '\(name.prefix(40))' that was not asked for")
            }
        }
    }

    private static func types(of wanted: JSONValue) -> [String] {
        wanted.stringValue.map { [$0] } ?? (wanted.arrayValue ?? []).compactMap(\.stringValue)
    }
}

extension JSONValue {
    fileprivate func isOfType(_ name: String) -> Bool {
        name == typeName || (name == "number" && typeName == "integer")
            || (name == "integer" && intValue != nil)
    }

    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
