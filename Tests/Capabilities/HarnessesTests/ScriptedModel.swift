import Glibc
import Linux
import Synchronization
import Vocabulary

/// A model endpoint on loopback that gives its answers in order and remembers what it was asked.
final class ScriptedModel: Sendable {
    struct Answer: Sendable {
        var status = 200
        var body: JSONValue = [:]
        var headers: [String] = []
        /// Never answers; the connection stays open until the client goes.
        var isSilent = false
    }
    struct Asked: Sendable {
        var path: String
        var headers: [String]
        var body: JSONValue
    }

    let port: UInt16
    private let listener: Int32
    private let state: Mutex<(answers: [Answer], asked: [Asked])>

    init(_ answers: [Answer]) throws {
        state = Mutex((answers, []))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                Glibc.bind(listener, raw, size) + getsockname(listener, raw, &size) + listen(listener, 8)
            }
        }
        guard code == 0 else { throw SystemError(call: "listen", subject: "loopback") }
        port = UInt16(bigEndian: address.sin_port)
        try startThread(named: "scripted-model") { [self] in serve() }
    }

    /// Ends the thread; what was asked can still be read.
    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    var baseURL: String { "http://127.0.0.1:\(port)/up" }
    var asked: [Asked] { state.withLock { $0.asked } }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            do throws(SystemError) {
                try startThread(named: "scripted-answer") { [self] in
                    while let asked = Self.read(connection), answer(asked, on: connection) {}
                    Glibc.close(connection)
                }
            } catch {
                Glibc.close(connection)
            }
        }
        Glibc.close(listener)
    }

    private func answer(_ asked: Asked, on connection: Int32) -> Bool {
        let answer = state.withLock { state in
            state.asked.append(asked)
            return state.answers.isEmpty ? Answer(status: 404) : state.answers.removeFirst()
        }
        if answer.isSilent {
            var byte: UInt8 = 0
            return Glibc.read(connection, &byte, 1) > 0
        }
        let body = JSONText.write(answer.body)
        let head = [
            "HTTP/1.1 \(answer.status) X", "Content-Type: application/json",
            "Content-Length: \(body.utf8.count)",
        ]
        let bytes = Array(((head + answer.headers).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
        return bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            == bytes.count
    }

    private static func read(_ connection: Int32) -> Asked? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let head = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
                .first,
                head.utf8.count < text.utf8.count
            {
                let lines = head.split(separator: "\r\n").map { String($0) }
                let length = lines.compactMap {
                    $0.lowercased().hasPrefix("content-length: ") ? Int($0.dropFirst(16)) : nil
                }
                if bytes.count >= head.utf8.count + 4 + (length.first ?? 0) {
                    let body = String(decoding: bytes[(head.utf8.count + 4)...], as: UTF8.self)
                    let path = lines[0].split(separator: " ")[1]
                    return Asked(
                        path: String(path), headers: Array(lines.dropFirst()),
                        body: (try? JSONText.parse(body)) ?? .null)
                }
            }
            let count = Glibc.read(connection, &buffer, buffer.count)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}

/// One model answer in the shape of each dialect.
enum Reply {
    static func says(_ text: String, in dialect: ModelDialect) -> ScriptedModel.Answer {
        make(text, [], dialect)
    }
    static func calls(_ name: String, _ input: JSONValue, id: String = "m1", in dialect: ModelDialect)
        -> ScriptedModel.Answer
    {
        make("", [(id, name, input)], dialect)
    }

    private static func make(
        _ text: String, _ calls: [(id: String, name: String, input: JSONValue)], _ dialect: ModelDialect
    ) -> ScriptedModel.Answer {
        switch dialect {
        case .anthropicMessages:
            let said: [JSONValue] = text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
            let asked = calls.map { call -> JSONValue in
                ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": call.input]
            }
            return .init(body: [
                "content": .array(said + asked), "stop_reason": "end_turn",
                "usage": ["input_tokens": 10, "output_tokens": 2, "cache_read_input_tokens": 5],
            ])
        case .openaiResponses:
            let said: [JSONValue] =
                text.isEmpty
                ? []
                : [
                    [
                        "type": "message", "id": "msg_1",
                        "content": [["type": "output_text", "text": .string(text)]],
                    ]
                ]
            let asked = calls.map { call -> JSONValue in
                [
                    "type": "function_call", "id": "fc_1", "call_id": .string(call.id),
                    "name": .string(call.name),
                    "arguments": .string(JSONText.write(call.input)),
                ]
            }
            return .init(body: [
                "output": .array([["type": "reasoning", "id": "rs_1"]] + said + asked),
                "usage": [
                    "input_tokens": 15, "output_tokens": 2, "input_tokens_details": ["cached_tokens": 5],
                ],
            ])
        case .openaiChat:
            let asked = calls.map { call -> JSONValue in
                [
                    "id": .string(call.id), "type": "function",
                    "function": [
                        "name": .string(call.name), "arguments": .string(JSONText.write(call.input)),
                    ],
                ]
            }
            return .init(body: [
                "choices": [
                    [
                        "message": ["content": .string(text), "tool_calls": .array(asked)],
                        "finish_reason": "stop",
                    ]
                ],
                "usage": [
                    "prompt_tokens": 15, "completion_tokens": 2,
                    "prompt_tokens_details": ["cached_tokens": 5],
                ],
            ])
        }
    }
}
