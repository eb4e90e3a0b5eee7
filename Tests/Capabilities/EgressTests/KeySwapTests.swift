import Egress
import Foundation
import HTTPServer
import Rehearsal
import Synchronization
import Testing
import Vocabulary

@Suite("The gateway keeps the key outside") struct KeySwapTests {
    @Test(
        "strips whatever credential a client sends and puts the real key on, in the dialect's way",
        arguments: ModelDialect.allCases)
    func swap(dialect: ModelDialect) throws {
        let rehearsed = try Rehearsed(dialect)
        defer { rehearsed.stop() }
        let request = Bench.request(dialect)
        let answer = try rehearsed.bench.send(
            "POST", request.target, request.body,
            headers: [
                ("Authorization", "Bearer \(Bench.placeholder)"), ("X-Api-Key", Bench.placeholder),
                ("api-key", Bench.placeholder),
                ("Cookie", "session=\(Bench.placeholder)"), ("x-goog-api-key", "mine"),
                ("Proxy-Authorization", "Basic eDp5"),
                ("Connection", "keep-alive, X-Hop"), ("X-Hop", "hop"), ("Accept-Encoding", "gzip, br"),
                ("anthropic-version", "2023-06-01"),
            ])
        #expect(answer.status == 200)
        let record = try #require(rehearsed.server.requests.first)
        #expect(
            record.credentials
                == (dialect == .anthropicMessages
                    ? ["x-api-key: \(Bench.realKey)"] : ["authorization: Bearer \(Bench.realKey)"]))
        #expect(record.headers.contains("anthropic-version: 2023-06-01"))
        #expect(record.headers.contains("accept-encoding: identity"))
        let everything =
            record.headers.joined(separator: "\n") + record.target
            + String(decoding: record.body, as: UTF8.self)
        for trace in [Bench.placeholder, "x-hop", "mine", "eDp5", "gzip"] {
            #expect(!everything.contains(trace))
        }
        #expect(record.target == String(request.target.dropFirst(3)))
    }

    @Test("asks an upstream without a key without any credential, also over a unix socket")
    func noKey() throws {
        let server = RehearsalServer(
            script: RehearsalScript(scenes: [RehearsalScene(match: RehearsalMatch(), steps: [.final("x")])]))
        let address = try server.start(on: .unix(path: "/tmp/gw-up-\(UUID().uuidString.prefix(8))"))
        defer { server.stop() }
        let bench = try Bench(
            [
                Upstream(
                    name: "up", dialect: .openaiChat, baseURL: address.baseURL,
                    vendor: .fixed(vendor: .mistral), credential: .none)
            ],
            keys: [:])
        let request = Bench.request(.openaiChat)
        #expect(try bench.send("POST", request.target, request.body).status == 200)
        #expect(server.requests.map(\.credentials) == [[]])
    }

    @Test("never shows a key: not in a description, a dump, an event, an error or a reflected answer")
    func neverShown() throws {
        let key = Bench.realKey
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            // An upstream that repeats what it was sent, also over the edges of its chunks.
            let sent = request.headers.value(of: "x-api-key") ?? ""
            let middle = sent.index(sent.startIndex, offsetBy: 9)
            let chunks = Mutex([
                "you sent ", String(sent[..<middle]), String(sent[middle...]), " and ", sent, "sk-real-ke",
            ])
            if request.target.contains("fail") {
                return HTTPResponse(
                    status: 401, headers: [HTTPField("X-Echo", sent)],
                    body: .bytes(Array(#"{"error":{"message":"bad key \#(sent)"}}"#.utf8)))
            }
            return HTTPResponse(
                status: 200, headers: [HTTPField("X-Echo", "<\(sent)>")],
                body: .stream(next: { chunks.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) } }))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener)])
        let request = Bench.request(.anthropicMessages)
        let answer = try bench.send("POST", request.target, request.body)
        #expect(answer.body == "you sent [redacted] and [redacted]sk-real-ke")
        #expect(answer.headers.contains("X-Echo: <[redacted]>"))
        let failed = try bench.send("POST", "/up/v1/messages?fail", request.body)
        #expect(failed.body == #"{"error":{"message":"bad key [redacted]"}}"#)
        bench.gateway.stop()
        let configuration = GatewayConfiguration(upstreams: [upstream(listener)], keys: ["up": key])
        var dumped = ""
        dump(configuration, to: &dumped)
        let shown =
            "\(configuration) \(String(reflecting: configuration)) \(dumped) \(bench.log.events)"
            + " \(failed) \(answer)"
        #expect(!shown.contains(key))
        #expect("\(configuration)" == "gateway to up (key set)")
        #expect(
            bench.log.events.contains(
                .upstreamFailed(upstream: "up", status: 401, message: "bad key [redacted]")))
    }

    @Test("sends no key unencrypted beyond this machine")
    func unencrypted() throws {
        let far = Upstream(
            name: "up", dialect: .openaiChat, baseURL: "http://models.example.com/v1",
            vendor: .byModel(prefixes: [:]), credential: .none)
        let error = #expect(throws: EgressError.self) { try Bench([far]) }
        #expect(
            error
                == .upstreamUnusable(
                    upstream: "up", cause: "a key would travel unencrypted to models.example.com"))
        for (url, cause) in [
            ("ftp://x", "begins with neither"), ("https://", "names no host"),
            ("https://user@x", "user's name"),
            ("https://x?y", "query"), ("unix:relative", "absolute path"),
        ] {
            var wrong = far
            wrong.baseURL = url
            let error = #expect(throws: EgressError.self) { try Bench([wrong]) }
            #expect(error?.description.contains(cause) == true)
        }
        #expect(throws: Never.self) { try Bench([far], keys: [:]) }
    }
}
