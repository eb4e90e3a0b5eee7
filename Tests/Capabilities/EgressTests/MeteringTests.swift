import Egress
import Fixtures
import Foundation
import HTTPClient
import HTTPServer
import Rehearsal
import Synchronization
import Testing
import Vocabulary

@Suite("The gateway meters what passes") struct MeteringTests {
    @Test("reads model and tokens of every dialect, streamed and not, and prices them", arguments: everyWay)
    func metering(dialect: ModelDialect, isStreamed: Bool) throws {
        let usage = TokenUsage(
            input: 1000, output: 500, cacheRead: 300, cacheWrite: dialect == .anthropicMessages ? 20 : 0)
        let rehearsed = try Rehearsed(
            dialect,
            [
                RehearsalScene(
                    match: RehearsalMatch(),
                    steps: [RehearsalStep(say: "Hello, this is a text.", usage: usage)])
            ])
        defer { rehearsed.stop() }
        let request = Bench.request(dialect, isStreamed: isStreamed)
        let answer = try rehearsed.bench.send("POST", request.target, request.body)
        #expect(answer.status == 200 && answer.isWhole)
        let isAnthropic = dialect == .anthropicMessages
        // In millionths of a dollar: 1000 × 3 + 500 × 15 + 300 × 0.3 + 20 × 3.75,
        // and 1000 × 1.25 + 500 × 10 + 300 × 0.125.
        #expect(
            rehearsed.bench.log.events == [
                .answered(
                    ModelAnswer(
                        upstream: "up", vendor: isAnthropic ? .anthropic : .openai,
                        model: isAnthropic ? "claude-sonnet-4-5" : "gpt-5.1-codex", usage: usage,
                        cost: Money(microdollars: isAnthropic ? 10665 : 6288), isRehearsed: true))
            ])
        #expect(rehearsed.bench.log.sawActivity)
        #expect(rehearsed.bench.gateway.spent == Money(microdollars: isAnthropic ? 10665 : 6288))
    }

    @Test("passes a streamed answer on unchanged, byte for byte", arguments: ModelDialect.allCases)
    func unchanged(dialect: ModelDialect) throws {
        let parts = ["event: a\r\ndata: {\"x\":", "1}\r\n\r\n", ": comment\n\n", "data: [DONE]\n\ndata: cut"]
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            let left = Mutex(parts)
            return HTTPResponse(
                status: 200,
                headers: [HTTPField("Content-Type", "text/event-stream"), HTTPField("request-id", "r1")],
                body: .stream(next: { left.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) } }))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener, dialect)])
        let request = Bench.request(dialect, isStreamed: true)
        let answer = try bench.send("POST", request.target, request.body)
        #expect(answer.body == parts.joined())
        #expect(
            answer.headers.contains("request-id: r1")
                && answer.headers.contains("Content-Type: text/event-stream"))
    }

    @Test("passes the first byte on while the upstream is still thinking about the second")
    func firstByte() throws {
        let mayContinue = Signal()
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            let count = Mutex(0)
            return HTTPResponse(
                status: 200, headers: [HTTPField("Content-Type", "text/event-stream")],
                body: .stream(next: {
                    switch count.withLock({ value in
                        value += 1
                        return value
                    }) {
                    case 1: return Array("first".utf8)
                    case 2:
                        _ = mayContinue.wait()
                        return Array("second".utf8)
                    default: return nil
                    }
                }))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener)])
        let request = Bench.request(.anthropicMessages, isStreamed: true)
        let exchange = try HTTPConnector().start(
            .init(
                method: "POST", url: "http://x\(request.target)", unixSocketPath: bench.socket,
                body: Array(request.body.utf8)))
        #expect(try exchange.readChunk() == Array("first".utf8))
        mayContinue.raise()
        #expect(try exchange.readAll() == Array("second".utf8))
    }

    @Test(
        "believes the model the answer names, not the one that was asked for, and tells whose it is",
        arguments: [
            (
                VendorRule.byModel(prefixes: ["gpt-": .openai, "claude-": .anthropic]), "claude-sonnet-4-5",
                Vendor.anthropic, true
            ),
            (
                VendorRule.byModel(prefixes: ["m": .google, "mistral": .mistral]), "mistral-medium",
                Vendor.mistral, true
            ),
            (VendorRule.byModel(prefixes: ["gpt-": .openai, "": .mistral]), "llama-3", Vendor.unknown, true),
            (VendorRule.fixed(vendor: .google), "gemini-x", Vendor.google, false),
        ])
    func vendors(rule: VendorRule, model: String, vendor: Vendor, isDeclared: Bool) throws {
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            HTTPResponse(
                status: 200,
                body: .bytes(
                    Array(#"{"model":"\#(model)","usage":{"prompt_tokens":10,"completion_tokens":2}}"#.utf8)))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener, .openaiChat, vendor: rule)])
        let request = Bench.request(.openaiChat, model: "gpt-5")
        _ = try bench.send("POST", request.target, request.body)
        let answer = try #require(bench.log.answers.first)
        #expect(
            [answer.vendor.rawValue, answer.model, "\(answer.vendorIsDeclared)"] == [
                vendor.rawValue, model, "\(isDeclared)",
            ])
        #expect(answer.usage == TokenUsage(input: 10, output: 2))
    }

    @Test("reports an unknown price as unknown and says so once, and never as nothing")
    func unknownPrice() throws {
        let rehearsed = try Rehearsed(.openaiResponses, spendLimit: Money(dollars: 1))
        defer { rehearsed.stop() }
        let request = Bench.request(.openaiResponses, model: "gpt-99")
        for _ in 1...2 { _ = try rehearsed.bench.send("POST", request.target, request.body) }
        #expect(rehearsed.bench.log.answers.map(\.cost) == [nil, nil])
        #expect(
            rehearsed.bench.log.events.filter { if case .answered = $0 { false } else { true } } == [
                .unmetered(
                    upstream: "up", model: "gpt-99",
                    reason: "the model has no price in the table; the spend limit does not cover it")
            ])
    }

    @Test(
        "reports an answer that states no usage, and counts an estimate against the limit",
        arguments: [
            ("application/json", "{}"), ("application/json", "[1]"), ("application/json", "<html>"),
            ("text/event-stream", "data: {}\n\n"),
            ("application/json", #"{"usage":{"input_tokens":1},"usage":3}"#),
        ])
    func noUsage(type: String, body: String) throws {
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            HTTPResponse(
                status: 200, headers: [HTTPField("Content-Type", type)], body: .bytes(Array(body.utf8)))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener)])
        let request = Bench.request(.anthropicMessages)
        #expect(try bench.send("POST", request.target, request.body).body == body)
        #expect(
            bench.log.events == [
                .answered(
                    ModelAnswer(upstream: "up", vendor: .anthropic, model: "", usage: TokenUsage(), cost: nil)
                ),
                .unmetered(upstream: "up", model: nil, reason: "the answer states no usage"),
            ])
        #expect(bench.gateway.spent > .zero)
    }

    @Test("reports a stream that is cut off with what it stated until then", arguments: ModelDialect.allCases)
    func cut(dialect: ModelDialect) throws {
        let rehearsed = try Rehearsed(
            dialect,
            [
                RehearsalScene(
                    match: RehearsalMatch(), steps: [RehearsalStep(say: "Half an answer.", fault: .cut)])
            ])
        defer { rehearsed.stop() }
        let request = Bench.request(dialect, isStreamed: true)
        let answer = try rehearsed.bench.send("POST", request.target, request.body)
        #expect(!answer.isWhole)
        rehearsed.bench.gateway.stop()
        let isAnthropic = dialect == .anthropicMessages
        #expect(
            rehearsed.bench.log.answers.map(\.usage) == [
                isAnthropic
                    ? TokenUsage(input: 1200, output: 1, cacheRead: 1000, cacheWrite: 200) : TokenUsage()
            ])
        #expect(
            rehearsed.bench.log.events.contains {
                if case .upstreamFailed("up", 200, _) = $0 { true } else { false }
            })
        #expect(rehearsed.bench.log.events.contains { if case .unmetered = $0 { true } else { false } })
        #expect(rehearsed.bench.gateway.spent > .zero)
    }

    @Test(
        "asks for usage where a streamed chat would not state it, and changes nothing else",
        arguments: [
            (
                #"{"stream":true,"model":"m"}"#,
                #"{"stream_options":{"include_usage":true},"stream":true,"model":"m"}"#
            ),
            (
                #"{ "stream":true,"stream_options":{"a":{}},"z":1}"#,
                #"{ "stream":true,"stream_options":{"include_usage":true,"a":{}},"z":1}"#
            ),
            (
                #"{"stream":true,"stream_options":{"include_usage":false}}"#,
                #"{"stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"stream_options":null}"#,
                #"{"stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"stream":true,"stream_options":{ }}"#,
                #"{"stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (#"{"stream":false}"#, #"{"stream":false}"#),
            (#"{"x":"{\"stream\":true"}"#, #"{"x":"{\"stream\":true"}"#),
        ])
    func chatUsage(sent: String, forwarded: String) throws {
        let seen = Mutex("")
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            seen.withLock { $0 = String(decoding: request.body, as: UTF8.self) }
            return HTTPResponse(status: 200)
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener, .openaiChat, vendor: .fixed(vendor: .openai))])
        _ = try bench.send("POST", "/up/chat/completions", sent)
        #expect(seen.withLock { $0 } == forwarded)
        let mistral = try Bench([upstream(listener, .openaiChat, vendor: .fixed(vendor: .mistral))])
        _ = try mistral.send("POST", "/up/chat/completions", sent)
        #expect(seen.withLock { $0 } == sent)
    }

    @Test("does not count what costs nothing: token counting and the list of models")
    func free() throws {
        let rehearsed = try Rehearsed(.anthropicMessages)
        defer { rehearsed.stop() }
        #expect(try rehearsed.bench.send("POST", "/up/v1/messages/count_tokens", "{}").status == 200)
        #expect(try rehearsed.bench.send("GET", "/up/v1/models").status == 200)
        #expect(rehearsed.bench.log.events == [])
        #expect(rehearsed.server.requests.map(\.target) == ["/v1/messages/count_tokens", "/v1/models"])
    }
}
