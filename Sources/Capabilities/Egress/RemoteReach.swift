import Vocabulary

/// Whether a request asks the vendor to reach other hosts for the agent.
///
/// A session has no network, and its vendor has. Search, fetch, hosted code and connectors that the vendor
/// carries out, and pictures or files it fetches by address, would each be a way from the sandbox to any
/// host, with whatever the agent writes into the address. So only tools that the harness carries out itself
/// are let through, by a list; of addresses only `data:`.
enum RemoteReach {
    static func isAsked(by request: JSONMembers, dialect: ModelDialect) -> Bool {
        if closedMembers.contains(where: { request.range(of: $0) != nil }) { return true }
        if let tools = request.range(of: "tools"), !areHarnessTools(tools, of: request, dialect) {
            return true
        }
        return ["messages", "system", "input"].contains { name in
            request.range(of: name).map { AddressWalk.findsAddress(in: request, $0, dialect) } ?? false
        }
    }

    /// Members that decide about reach; none may be spelled in two ways.
    static let members = closedMembers + ["tools", "messages", "system", "input"]

    /// Connectors of Anthropic's, search of Chat Completions, and plug-ins of third-party gateways.
    private static let closedMembers = ["mcp_servers", "web_search_options", "plugins"]

    /// Anthropic's tools with a type and a date that the *client* carries out; without a type it is the
    /// client's in any case. `tool_search_` looks among the declared tools only.
    private static let anthropicFamilies = [
        "bash_", "text_editor_", "computer_", "memory_", "tool_search_tool_",
    ]
    /// `namespace` holds further tools, which are looked at too.
    private static let openAITypes: Set<String> = [
        "function", "custom", "local_shell", "apply_patch", "tool_search", "namespace",
    ]
    private static let nestingMax = 4

    private static func areHarnessTools(
        _ list: Range<Int>, of request: JSONMembers, _ dialect: ModelDialect, depth: Int = 0
    ) -> Bool {
        if request.isNull(list) { return true }
        guard depth < nestingMax, let elements = request.elements(of: list) else { return false }
        return elements.allSatisfy { element in
            guard let tool = request.object(at: element), !tool.isAmbiguous(for: ["type", "tools"]) else {
                return false
            }
            if let nested = tool.range(of: "tools") {
                guard areHarnessTools(nested, of: request, dialect, depth: depth + 1) else { return false }
            }
            let type = tool.plainText("type")
            switch dialect {
            case .anthropicMessages:
                guard let type else { return tool.range(of: "type") == nil }
                return type == "custom" || anthropicFamilies.contains { type.hasPrefix($0) }
            case .openaiResponses, .openaiChat:
                return type.map(openAITypes.contains) ?? false
            }
        }
    }
}

/// Looks through a conversation, once and without building a tree, for an address the vendor would fetch.
private struct AddressWalk {
    /// Deeper than this no conversation is; what is deeper is not let through.
    private static let depthMax = 64

    private var reader: JSONReader
    private let request: JSONMembers
    private let dialect: ModelDialect

    /// What was seen of one value.
    private struct Seen {
        var hasAddress = false
        var isText = false
        /// It is a text that is no `data:` address.
        var isRemoteText = false
        /// It is an object with such a text as its `url`.
        var hasRemoteURL = false
    }

    static func findsAddress(in request: JSONMembers, _ range: Range<Int>, _ dialect: ModelDialect) -> Bool {
        request.bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return true }
            let reader = JSONReader(bytes: base, at: range.lowerBound, end: range.upperBound)
            var walk = AddressWalk(reader: reader, request: request, dialect: dialect)
            // What cannot be read is not let through.
            return walk.value(depth: 0)?.hasAddress ?? true
        }
    }

    private mutating func value(depth: Int) -> Seen? {
        guard depth < Self.depthMax else { return nil }
        switch reader.next() {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["):
            var seen = Seen()
            _ = reader.take("[")
            if reader.take("]") { return seen }
            repeat {
                guard let element = value(depth: depth + 1) else { return nil }
                seen.hasAddress = seen.hasAddress || element.hasAddress
            } while reader.take(",")
            return reader.take("]") ? seen : nil
        case UInt8(ascii: "\""):
            guard let text = reader.string() else { return nil }
            return Seen(isText: true, isRemoteText: !request.bytes[text].starts(with: "\"data:".utf8))
        default: return reader.value() == nil ? nil : Seen()
        }
    }

    private mutating func object(depth: Int) -> Seen? {
        var seen = Seen()
        var types: [String] = []
        var inputHasAddress = false
        _ = reader.take("{")
        if reader.take("}") { return seen }
        repeat {
            guard let name = reader.string(), reader.take(":") else { return nil }
            let start = reader.at
            guard let member = value(depth: depth + 1) else { return nil }
            switch watched(name) {
            case "type":
                seen.hasAddress = seen.hasAddress || member.hasAddress
                if member.isText { types.append(request.unescapedText(start..<reader.at)) }
            case "url":
                seen.hasAddress = seen.hasAddress || member.hasAddress
                seen.hasRemoteURL = seen.hasRemoteURL || member.isRemoteText
            case "image_url", "file_url", "server_url", "connector_id":
                seen.hasAddress = seen.hasAddress || member.hasAddress
                if dialect != .anthropicMessages, member.isRemoteText || member.hasRemoteURL {
                    seen.hasAddress = true
                }
            case "input": inputHasAddress = inputHasAddress || member.hasAddress
            default: seen.hasAddress = seen.hasAddress || member.hasAddress
            }
        } while reader.take(",")
        guard reader.take("}") else { return nil }
        switch dialect {
        case .anthropicMessages:
            // What a tool was called with is the tool's affair: the vendor fetches nothing of it.
            if types != ["tool_use"] { seen.hasAddress = seen.hasAddress || inputHasAddress }
            if seen.hasRemoteURL, types.contains("url") { seen.hasAddress = true }
        case .openaiResponses, .openaiChat:
            seen.hasAddress = seen.hasAddress || inputHasAddress
        }
        return seen
    }

    private static let names = [
        "type", "url", "image_url", "file_url", "server_url", "connector_id", "input",
    ]
    private static let nameBytesMax = 12

    /// The name of a member if it is one of those that matter, however it is spelled.
    private func watched(_ name: Range<Int>) -> String? {
        let bytes = request.bytes[name]
        guard bytes.count <= Self.nameBytesMax + 2 || bytes.contains(UInt8(ascii: "\\")) else { return nil }
        let text = request.unescapedText(name).lowercased()
        return Self.names.first { $0 == text }
    }
}
