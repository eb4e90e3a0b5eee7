import Foundation
import Glibc
import HTTPClient
import Rehearsal
import Testing
import Vocabulary

@Suite("A rehearsal") struct RehearsalServerTests {
    private let scenes = [
        RehearsalScene(
            match: RehearsalMatch(role: "author", task: "pagination"),
            steps: [
                RehearsalStep(say: "Writing.", calls: [.write(path: "a.txt", text: "one\n")]),
                .parallel([.shell("true"), .read(path: "a.txt")]),
                RehearsalStep(say: "All done.", usage: TokenUsage(input: 7, output: 8)),
            ]),
        RehearsalScene(
            match: RehearsalMatch(role: "reviewer", round: 1), steps: [.json(["verdict": "changes"])]),
        RehearsalScene(
            match: RehearsalMatch(role: "reviewer", round: 2), steps: [.json(["verdict": "approve"])]),
    ]
    private let prompt = "graftwork-role: author\ngraftwork-task: pagination\n\nDo it."

    @Test("plays a scene step by step, told by the tool results alone", arguments: everyWay)
    func steps(dialect: ModelDialect, isStreamed: Bool) throws {
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let client = Client(
            address: address, dialect: dialect, tools: Client.builtInTools(dialect), isStreamed: isStreamed)
        let first = try client.ask(.user(prompt))
        #expect(first.text == "Writing.")
        #expect(first.calls == [#"write{"path":"a.txt","text":"one\n"}"#])
        #expect(first.model == "test-model")
        #expect(first.output == 60)
        let second = try client.ask(.user(prompt), .result)
        #expect(second.calls == [#"shell{"command":"true"}"#, #"read{"path":"a.txt"}"#])
        let third = try client.ask(.user(prompt), .result, .result, .result)
        #expect(third.text == "All done.")
        #expect(third.calls == [])
        #expect([third.input, third.output] == [7, 8])
    }

    @Test("takes the last prompt of ours for its subject, whatever a harness adds after it")
    func subject() throws {
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let client = Client(
            address: address, dialect: .anthropicMessages, tools: Client.builtInTools(.anthropicMessages))
        let review = { (round: Int) in
            "graftwork-role: reviewer\ngraftwork-task: t\ngraftwork-round: \(round)\nReview."
        }
        #expect(try client.ask(.user(review(1))).text == #"{"verdict":"changes"}"#)
        #expect(
            try client.ask(.user(review(1)), .result, .user(review(2)), .user("Note: nothing.")).text
                == #"{"verdict":"approve"}"#)
        #expect(try client.ask(.user("graftwork-role: reviewer\nno round")).text == #"{"verdict":"changes"}"#)
        #expect(server.requests.map { [$0.scene, $0.step] } == [[1, 0], [2, 0], [1, 0]])
        #expect(
            server.requests.map(\.credentials) == Array(repeating: ["authorization: Bearer key-1"], count: 3))
    }

    @Test("plays the first scene that matches, also by words of the prompt")
    func firstMatch() throws {
        let scenes = [
            RehearsalScene(match: RehearsalMatch(contains: "apple"), steps: [.final("first")]),
            RehearsalScene(match: RehearsalMatch(contains: "pear"), steps: [.final("second")]),
        ]
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let client = Client(address: address, dialect: .openaiChat)
        #expect(try client.ask(.user("a pear")).text == "second")
        #expect(try client.ask(.user("pear and apple")).text == "first")
        #expect(try client.ask(.user("an apple"), .user("a pear")).text == "second")
        #expect(try client.ask(.user("an apple"), .user("something else")).text == "first")
    }

    @Test("says what it looked for when no scene matches", arguments: ModelDialect.allCases)
    func noScene(dialect: ModelDialect) throws {
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let client = Client(address: address, dialect: dialect)
        let marked = try client.ask(.user("graftwork-role: author\ngraftwork-task: other\n"))
        #expect(marked.status == 400)
        #expect(marked.raw.contains("no scene of the script matches role author, task other, round (none)"))
        #expect(
            marked.raw.contains(
                dialect == .anthropicMessages ? #""type":"error""# : #""code":"rehearsed_400""#))
        let plain = try client.ask(.user("hello"))
        #expect(plain.status == 400)
        #expect(plain.raw.contains("no user text has a `graftwork-role:` line"))
    }

    @Test("ends a conversation that goes on after the last step")
    func afterTheEnd() throws {
        let (server, address) = try play([RehearsalScene(match: RehearsalMatch(), steps: [.shell("true")])])
        defer { server.stop() }
        let client = Client(
            address: address, dialect: .openaiResponses, tools: Client.builtInTools(.openaiResponses))
        #expect(try client.ask(.user("x"), .result, .result).text == "Done.")
    }

    @Test("fails as the script says: status, cut, hang, garbage", arguments: everyWay)
    func faults(dialect: ModelDialect, isStreamed: Bool) throws {
        let scenes = [
            RehearsalScene(match: RehearsalMatch(contains: "status"), steps: [.fault(.status(429))]),
            RehearsalScene(
                match: RehearsalMatch(contains: "cut"),
                steps: [RehearsalStep(say: "Half an answer.", fault: .cut)]),
            RehearsalScene(match: RehearsalMatch(contains: "hang"), steps: [.fault(.hang)]),
            RehearsalScene(match: RehearsalMatch(contains: "garbage"), steps: [.fault(.garbage)]),
        ]
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let client = Client(address: address, dialect: dialect, isStreamed: isStreamed)
        let status = try client.ask(.user("status"))
        #expect(status.status == 429)
        #expect(status.raw.contains("rate_limit_error"))
        let cut = try client.ask(.user("cut"))
        #expect(!cut.isWhole && !cut.raw.isEmpty && cut.output != 60)
        let garbage = try client.ask(.user("garbage"))
        #expect(garbage.isWhole && garbage.raw.contains("<html>"))
        let hanging = HTTPConnector(limits: .init(idleSeconds: 0))
        let error = #expect(throws: HTTPClientError.self) {
            let path =
                dialect == .anthropicMessages
                ? "messages" : dialect == .openaiChat ? "chat/completions" : "responses"
            let text: JSONValue = .string("hang")
            let body: JSONValue = [
                "model": "m", "stream": .bool(isStreamed), "input": text,
                "messages": [["role": "user", "content": text]],
            ]
            _ = try hanging.start(
                .init(
                    method: "POST", url: "\(address.baseURL)/\(path)",
                    body: Array(try JSONEncoder().encode(body)))
            ).readAll()
        }
        #expect(error?.part == .timeout)
    }

    @Test("listens on a unix socket, lists models and counts tokens")
    func otherEndpoints() throws {
        let path = "/tmp/gw-rehearsal-\(UUID().uuidString.prefix(8))"
        let server = RehearsalServer(script: RehearsalScript(scenes: scenes))
        let address = try server.start(on: .unix(path: path))
        defer { server.stop() }
        #expect(address == RehearsalAddress(baseURL: "unix:\(path)", port: nil))
        let client = HTTPConnector()
        func get(_ method: String, _ target: String, _ body: [UInt8]? = nil) throws -> String {
            let exchange = try client.start(
                .init(method: method, url: "http://x\(target)", unixSocketPath: path, body: body))
            return "\(exchange.status) \(String(decoding: try exchange.readAll(), as: UTF8.self))"
        }
        #expect(try get("GET", "/any/v1/models").hasPrefix(#"200 {"data":[{"#))
        #expect(
            try get("POST", "/v1/messages/count_tokens", Array(repeating: 65, count: 400))
                == #"200 {"input_tokens":100}"#)
        #expect(try get("GET", "/v1/messages").hasPrefix("404"))
        #expect(try get("POST", "/v1/messages", [0x7b]).hasPrefix("400"))
        server.stop()
        #expect(access(path, F_OK) != 0)
    }

    @Test("answers eight agents at once, each by its own conversation")
    func parallel() async throws {
        let scenes = (0..<8).map { number in
            RehearsalScene(
                match: RehearsalMatch(task: "t\(number)"),
                steps: [.shell("echo \(number)"), .final("done \(number)")])
        }
        let server = RehearsalServer(script: RehearsalScript(scenes: scenes))
        let address = try server.start(on: .loopback(port: 0))
        defer { server.stop() }
        let answers = Box<[Int: [String]]>([:])
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            let dialect = ModelDialect.allCases[number % 3]
            let client = Client(
                address: address, dialect: dialect, tools: Client.builtInTools(dialect),
                isStreamed: number % 2 == 0)
            let prompt = Client.Turn.user("graftwork-role: author\ngraftwork-task: t\(number)\n")
            let first = (try? client.ask(prompt))?.calls.first ?? ""
            let last = (try? client.ask(prompt, .result))?.text ?? ""
            answers.change { $0[number] = [first, last] }
        }
        #expect(
            answers.value
                == Dictionary(
                    uniqueKeysWithValues: (0..<8).map {
                        ($0, [#"shell{"command":"echo \#($0)"}"#, "done \($0)"])
                    }))
    }
}

/// A value shared by threads.
// Safe because every access holds the lock.
final class Box<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var stored: Value
    init(_ value: Value) { stored = value }
    func change(_ body: (inout Value) -> Void) { lock.withLock { body(&stored) } }
    var value: Value { lock.withLock { stored } }
}
