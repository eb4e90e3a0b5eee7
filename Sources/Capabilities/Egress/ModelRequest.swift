import Vocabulary

/// What the gateway reads from, and at most adds to, a request to a model.
struct ModelRequest {
    enum Flaw: Hashable {
        case notAnObject
        /// A member that decides about metering could be read in two ways.
        case ambiguous
        /// The answer would not come on this connection, and its usage never past this gateway.
        case background
    }

    let body: [UInt8]
    let model: String?
    /// The most the answer may have, as far as the request says.
    let outputTokensMax: Int64?

    /// A body that is encoded (gzip, zstd) is passed on unread.
    static func read(
        _ body: [UInt8], endpoint: GatewayRoute.Endpoint, upstream: Upstream, isEncoded: Bool
    ) -> (request: ModelRequest?, flaw: Flaw?) {
        guard endpoint.isMetered, !isEncoded else {
            return (ModelRequest(body: body, model: nil, outputTokensMax: nil), nil)
        }
        guard let members = JSONMembers(body) else { return (nil, .notAnObject) }
        guard !members.isAmbiguous(for: ["model", "stream", "background", "stream_options", "max_tokens"])
        else {
            return (nil, .ambiguous)
        }
        guard !members.isTrue("background") else { return (nil, .background) }
        let limits = ["max_tokens", "max_output_tokens", "max_completion_tokens"].compactMap {
            members.integer($0)
        }
        return (
            ModelRequest(
                body: endpoint == .chatCompletions ? askingForUsage(members, upstream: upstream) : body,
                model: members.plainText("model"), outputTokensMax: limits.max()),
            nil
        )
    }

    /// A streamed Chat Completions answer states its usage only when asked to.
    ///
    /// So the question is added where it is missing. The client then sees one more chunk, with usage and
    /// without choices, as the API documents. Mistral's endpoint is left alone: it states usage unasked and
    /// refuses members it does not know.
    private static func askingForUsage(_ members: JSONMembers, upstream: Upstream) -> [UInt8] {
        guard members.isTrue("stream"), upstream.vendor != .fixed(vendor: .mistral) else {
            return members.bytes
        }
        let wanted = #""include_usage":true"#
        var body = members.bytes
        guard let range = members.range(of: "stream_options") else {
            body.insert(contentsOf: Array(#""stream_options":{\#(wanted)},"#.utf8), at: members.start)
            return body
        }
        guard let options = members.object("stream_options"), !options.members.isEmpty else {
            body.replaceSubrange(range, with: Array("{\(wanted)}".utf8))
            return body
        }
        guard !options.isTrue("include_usage") else { return body }
        if let value = options.range(of: "include_usage") {
            body.replaceSubrange(value, with: Array("true".utf8))
        } else {
            body.insert(contentsOf: Array("\(wanted),".utf8), at: options.start)
        }
        return body
    }
}
