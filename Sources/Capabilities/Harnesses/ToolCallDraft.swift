internal import Vocabulary

/// A tool call as a harness described it, on its way to become a ``ToolCall`` that a policy can decide on.
struct ToolCallDraft: Hashable, Sendable {
    var id: String
    var kind: ToolCall.Kind
    var rawName: String
    var command: String?
    var paths: [String] = []
    var input: JSONValue

    /// The call with every text escaped and bounded.
    var call: ToolCall {
        var room = HarnessBounds.inputValuesMax
        return ToolCall(
            id: Self.identifier(id), kind: kind,
            rawName: VisibleText.oneLine(rawName, limit: HarnessBounds.idBytes),
            command: command.map { VisibleText.bounded($0, limit: HarnessBounds.commandBytes) },
            paths: paths.prefix(HarnessBounds.pathsMax).map {
                VisibleText.oneLine($0, limit: HarnessBounds.pathBytes)
            },
            input: Self.bounded(input, depth: 0, room: &room))
    }

    /// Why no policy may decide on this call; nil: it may. What policies look at is never cut, it is refused.
    var refusal: String? {
        if let command, command.utf8.count > HarnessBounds.commandBytes {
            return """
                The command is longer than \(HarnessBounds.commandBytes) bytes; put it in a file and run that.
                """
        }
        if paths.count > HarnessBounds.pathsMax {
            return "The call names more than \(HarnessBounds.pathsMax) files."
        }
        if paths.contains(where: { $0.utf8.count > HarnessBounds.pathBytes }) {
            return "The call names a path too long."
        }
        return nil
    }

    static func identifier(_ raw: String) -> ToolCallID {
        ToolCallID(VisibleText.oneLine(raw, limit: HarnessBounds.idBytes))
    }

    private static func bounded(_ value: JSONValue, depth: Int, room: inout Int) -> JSONValue {
        guard room > 0, depth < HarnessBounds.inputDepthMax else { return "…" }
        room -= 1
        switch value {
        case .null, .bool, .int, .double: return value
        case .string(let text): return .string(VisibleText.bounded(text, limit: HarnessBounds.inputTextBytes))
        case .array(let elements):
            var kept: [JSONValue] = []
            for element in elements where room > 0 {
                kept.append(bounded(element, depth: depth + 1, room: &room))
            }
            return .array(kept)
        case .object(let members):
            var kept: [String: JSONValue] = [:]
            for (name, member) in members.sorted(by: { $0.key < $1.key }) where room > 0 {
                kept[VisibleText.oneLine(name, limit: HarnessBounds.idBytes)] =
                    bounded(member, depth: depth + 1, room: &room)
            }
            return .object(kept)
        }
    }
}
