import HTTPServer
import Synchronization
import Vocabulary

/// Plays the script, one request at a time, each on its connection's own thread.
final class RehearsalStage: Sendable {
    /// How many requests are remembered.
    private static let recordsMax = 1024

    let records = Mutex<[RehearsalRecord]>([])
    private let script: RehearsalScript
    private let recordedBodyBytes: Int

    init(script: RehearsalScript, recordedBodyBytes: Int) {
        self.script = script
        self.recordedBodyBytes = recordedBodyBytes
    }

    private enum Endpoint {
        case model(ModelDialect)
        case countTokens, models
    }

    /// Any prefix will do: base URLs end in `/v1`, or in a vendor's name, or in neither.
    private static func endpoint(_ request: HTTPRequest) -> Endpoint? {
        let path = request.target.prefix { $0 != "?" }
        switch request.method {
        case "POST":
            if path.hasSuffix("/messages/count_tokens") { return .countTokens }
            if path.hasSuffix("/messages") { return .model(.anthropicMessages) }
            if path.hasSuffix("/responses") { return .model(.openaiResponses) }
            return path.hasSuffix("/chat/completions") ? .model(.openaiChat) : nil
        case "GET": return path.hasSuffix("/models") ? .models : nil
        default: return nil
        }
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch Self.endpoint(request) {
        case nil:
            return record(
                request, failure(404, "\(request.method) here is no endpoint of a model", .anthropicMessages))
        case .countTokens:
            return record(request, json(200, ["input_tokens": .int(Int64(request.body.count / 4))]))
        case .models:
            let model: JSONValue = [
                "id": "rehearsed", "object": "model", "type": "model", "display_name": "Rehearsed",
                "created": 0,
                "created_at": "2025-01-01T00:00:00Z", "owned_by": "rehearsal",
            ]
            return record(
                request, json(200, ["object": "list", "data": [model], "models": [], "has_more": false]))
        case .model(let dialect):
            let body: JSONValue
            do throws(JSONText.Flaw) {
                body = try JSONText.parse(String(decoding: request.body, as: UTF8.self))
            } catch {
                return record(request, failure(400, "the request is not JSON", dialect))
            }
            return play(body, dialect, request)
        }
    }

    private func play(_ body: JSONValue, _ dialect: ModelDialect, _ request: HTTPRequest) -> HTTPResponse {
        let conversation =
            switch dialect {
            case .anthropicMessages: AnthropicMessages.read(body)
            case .openaiResponses: OpenAIResponses.read(body)
            case .openaiChat: OpenAIChat.read(body)
            }
        let choice: SceneChoice
        switch SceneChoice.choose(in: script, for: conversation) {
        case .none(let sought): return record(request, failure(400, "rehearsal: \(sought)", dialect))
        case .found(let found): choice = found
        }
        let steps = script.scenes[choice.scene].steps
        let step = choice.step < steps.count ? steps[choice.step] : nil
        guard let uses = step.map({ ToolUse.uses(for: $0, in: conversation) }) ?? [] else {
            let offered = conversation.tools.map(\.name).sorted().joined(separator: ", ")
            let text =
                "rehearsal: no tool for step \(choice.step + 1) of scene \(choice.scene + 1); offered are:"
                + " \(offered)"
            return record(request, failure(400, text, dialect), choice)
        }
        if let delay = step?.delayMilliseconds, delay > 0 {
            _ = request.connection.waitUntilClosed(milliseconds: Int32(clamping: delay))
        }
        let answer = ScriptedAnswer(step: step, conversation: conversation, uses: uses, dialect: dialect)
        let response = response(answer, step?.fault, dialect, conversation, body, request.connection)
        return record(request, response, choice)
    }

    private func response(
        _ answer: ScriptedAnswer, _ fault: RehearsalFault?, _ dialect: ModelDialect,
        _ conversation: Dialogue,
        _ body: JSONValue, _ connection: HTTPConnection
    ) -> HTTPResponse {
        let type = HTTPField(
            "Content-Type", conversation.isStreamed ? "text/event-stream" : "application/json")
        func stream(_ parts: [[UInt8]], then ending: PartStream.Ending) -> HTTPResponse {
            let source = PartStream(parts, ending: ending, connection: connection)
            return HTTPResponse(
                status: 200, headers: [type, HTTPField("Cache-Control", "no-cache")],
                body: .stream(next: { try source.next() }))
        }
        switch fault {
        case .status(let status): return failure(status, "rehearsed failure \(status)", dialect)
        case .hang: return stream([], then: .hang)
        case .garbage:
            let bytes: [UInt8] = Array("data: {\"type\": <html>\n\n".utf8) + [0xff, 0xfe, 0x00, 0x0a]
            return HTTPResponse(status: 200, headers: [type], body: .bytes(bytes))
        case .cut, nil: break
        }
        if conversation.isStreamed {
            let parts =
                switch dialect {
                case .anthropicMessages: AnthropicMessages.stream(answer)
                case .openaiResponses: OpenAIResponses.stream(answer)
                case .openaiChat:
                    OpenAIChat.stream(
                        answer, includesUsage: body["stream_options"]?["include_usage"]?.boolValue ?? false)
                }
            return stream(parts, then: answer.isCut ? .cut : .whole)
        }
        let document =
            switch dialect {
            case .anthropicMessages: AnthropicMessages.document(answer)
            case .openaiResponses: OpenAIResponses.document(answer)
            case .openaiChat: OpenAIChat.document(answer)
            }
        guard answer.isCut else { return json(200, document) }
        let whole = Array(JSONText.write(document).utf8)
        return stream([Array(whole.prefix(whole.count / 2))], then: .cut)
    }

    private func failure(_ status: Int, _ message: String, _ dialect: ModelDialect) -> HTTPResponse {
        var response =
            switch dialect {
            case .anthropicMessages: json(status, AnthropicMessages.failure(status, message))
            case .openaiResponses, .openaiChat: json(status, OpenAIChat.failure(status, message))
            }
        if status == 429 || status == 529 { response.headers.append(HTTPField("Retry-After", "1")) }
        return response
    }

    private func json(_ status: Int, _ document: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPField("Content-Type", "application/json")],
            body: .bytes(Array(JSONText.write(document).utf8)))
    }

    private func record(_ request: HTTPRequest, _ response: HTTPResponse, _ choice: SceneChoice? = nil)
        -> HTTPResponse
    {
        let names: Set<String> = [
            "authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie", "proxy-authorization",
        ]
        let fields = request.headers.map {
            (name: $0.name.lowercased(), line: "\($0.name.lowercased()): \($0.value)")
        }
        let entry = RehearsalRecord(
            method: request.method, target: request.target,
            credentials: fields.filter { names.contains($0.name) }.map(\.line), headers: fields.map(\.line),
            body: Array(request.body.prefix(recordedBodyBytes)), scene: choice?.scene, step: choice?.step,
            status: response.status)
        records.withLock { if $0.count < Self.recordsMax { $0.append(entry) } }
        return response
    }
}

/// Gives out the parts of an answer one after the other.
private final class PartStream: Sendable {
    enum Ending { case whole, cut, hang }
    private struct CutOff: Error {}

    private let parts: Mutex<ArraySlice<[UInt8]>>
    private let ending: Ending
    private let connection: HTTPConnection

    init(_ parts: [[UInt8]], ending: Ending, connection: HTTPConnection) {
        self.parts = Mutex(parts[...])
        self.ending = ending
        self.connection = connection
    }

    func next() throws -> [UInt8]? {
        if let part = parts.withLock({ $0.popFirst() }) { return part }
        switch ending {
        case .whole: return nil
        case .cut: throw CutOff()
        case .hang:
            while !connection.waitUntilClosed(milliseconds: 60_000) {}
            throw CutOff()
        }
    }
}
