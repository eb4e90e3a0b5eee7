import ChildProcess
import Egress
import Fixtures
import Foundation
import HTTPClient
import HTTPServer
import Rehearsal
import Synchronization
import Testing
import Vocabulary

@Suite("The gateway lets through what a session needs and nothing else") struct GatewayRefusalTests {
    @Test(
        "refuses a path that could mean something else at the upstream",
        arguments: [
            "/up/v1/../organization/api_keys", "/up/./v1/messages", "/up//v1/messages",
            "/up/v1/%2e%2e/messages", "/up/v1%2fmessages",
            "/up/v1/messages%00", "/up\\v1/messages", "/up/v1/messages;x",
            "http://api.anthropic.com/v1/messages", "*",
            "/../up/v1/messages", "/up/v1/messages/..", "/up/v1/m%65ssages",
        ])
    func paths(target: String) throws {
        let rehearsed = try Rehearsed(.anthropicMessages)
        defer { rehearsed.stop() }
        let answer = RawUnix.exchange(
            rehearsed.bench.socket,
            "POST \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        #expect(!answer.hasPrefix("HTTP/1.1 2"), "\(answer)")
        #expect(rehearsed.server.requests.isEmpty)
    }

    @Test(
        "refuses such a path also where any name would do",
        arguments: [
            "..", ".", "%2e%2e", "a%2fb", "a%5cb", "a%00", "a;b", "a\\b", "a%0d%0ax",
        ])
    func modelNames(name: String) throws {
        let rehearsed = try Rehearsed(.anthropicMessages)
        defer { rehearsed.stop() }
        let answer = RawUnix.exchange(
            rehearsed.bench.socket,
            "GET /up/v1/models/\(name) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(answer.contains("the request's path cannot be used"))
        #expect(rehearsed.server.requests.isEmpty)
    }

    @Test(
        "refuses what is no endpoint of a model: files, batches, organisation, another upstream or method",
        arguments: [
            ("POST", "/up/v1/files"), ("POST", "/up/v1/messages/batches"),
            ("GET", "/up/v1/organizations/api_keys"),
            ("POST", "/up/v1/responses"), ("POST", "/other/v1/messages"), ("POST", "/"),
            ("GET", "/up/v1/messages"),
            ("DELETE", "/up/v1/models/x"), ("POST", "/up/v1/models"), ("POST", "/up/v1/threads/t/messages"),
            ("PUT", "/up/v1/messages"),
        ])
    func endpoints(method: String, target: String) throws {
        let rehearsed = try Rehearsed(.anthropicMessages)
        defer { rehearsed.stop() }
        let answer = try rehearsed.bench.send(method, target, method == "GET" ? nil : "{}")
        #expect([404, 405].contains(answer.status))
        #expect(answer.body.contains(#""type":"error""#))
        #expect(rehearsed.server.requests.isEmpty)
        #expect(rehearsed.bench.log.events.map { if case .refused = $0 { true } else { false } } == [true])
    }

    @Test(
        "refuses a body whose meaning or metering is in doubt",
        arguments: [
            ("not json", "not_json"), ("[]", "not_json"), (#"{"background":true}"#, "background"),
            (#"{"background":false,"background":true}"#, "ambiguous"),
            (#"{"b\u0061ckground":true}"#, "ambiguous"),
            (#"{"model":"a","model":"b"}"#, "ambiguous"), (#"{"a":1}{"b":2}"#, "not_json"),
            (#"{"a""#, "not_json"),
        ])
    func bodies(body: String, code: String) throws {
        let rehearsed = try Rehearsed(.openaiResponses)
        defer { rehearsed.stop() }
        let answer = try rehearsed.bench.send("POST", "/up/responses", body)
        #expect(answer.status == 400)
        #expect(answer.body.contains(#""code":"\#(code)""#))
        #expect(rehearsed.server.requests.isEmpty)
    }

    @Test("refuses a body over its limit with 413")
    func bodyLimit() throws {
        let server = RehearsalServer(script: RehearsalScript(scenes: []))
        let address = try server.start(on: .loopback(port: 0))
        defer { server.stop() }
        let bench = try Bench(
            [
                Upstream(
                    name: "up", dialect: .openaiChat, baseURL: address.baseURL,
                    vendor: .fixed(vendor: .openai), credential: .none)
            ],
            limits: GatewayLimits(requestBytesMax: 1000))
        #expect(
            try bench.send("POST", "/up/chat/completions", String(repeating: "x", count: 1001)).status == 413)
        #expect(server.requests.isEmpty)
    }

    @Test("passes an upstream's error on unchanged and reports it", arguments: [400, 401, 429, 500, 529])
    func upstreamErrors(status: Int) throws {
        let rehearsed = try Rehearsed(
            .anthropicMessages, [RehearsalScene(match: RehearsalMatch(), steps: [.fault(.status(status))])])
        defer { rehearsed.stop() }
        let request = Bench.request(.anthropicMessages, isStreamed: true)
        let answer = try rehearsed.bench.send("POST", request.target, request.body)
        #expect(answer.status == status)
        #expect(answer.body.contains(#""message":"rehearsed failure \#(status)""#))
        #expect(answer.headers.contains("Retry-After: 1") == (status == 429 || status == 529))
        #expect(
            rehearsed.bench.log.events == [
                .upstreamFailed(upstream: "up", status: status, message: "rehearsed failure \(status)")
            ])
        #expect(rehearsed.bench.gateway.spent == .zero)
    }

    @Test(
        "answers 502 in the vendor's shape when the upstream cannot be reached",
        arguments: ModelDialect.allCases)
    func unreachable(dialect: ModelDialect) throws {
        let bench = try Bench([
            Upstream(
                name: "up", dialect: dialect, baseURL: "http://127.0.0.1:1", vendor: .fixed(vendor: .openai),
                credential: .none)
        ])
        let request = Bench.request(dialect)
        let answer = try bench.send("POST", request.target, request.body)
        #expect(answer.status == 502)
        #expect(answer.body.contains("cannot connect to http://127.0.0.1:1"))
        #expect(
            answer.body.contains(
                dialect == .anthropicMessages ? #""type":"error""# : #""code":"upstream_unreachable""#))
        #expect(
            bench.log.events.map { if case .upstreamFailed("up", nil, _) = $0 { true } else { false } } == [
                true
            ])
    }

    @Test("reports an upstream that falls silent", arguments: [true, false])
    func silence(isStreamed: Bool) throws {
        let server = RehearsalServer(
            script: RehearsalScript(scenes: [RehearsalScene(match: RehearsalMatch(), steps: [.fault(.hang)])])
        )
        let address = try server.start(on: .loopback(port: 0))
        defer { server.stop() }
        let bench = try Bench(
            [
                Upstream(
                    name: "up", dialect: .openaiResponses, baseURL: address.baseURL,
                    vendor: .fixed(vendor: .openai), credential: .none)
            ],
            limits: GatewayLimits(silenceSeconds: 0))
        let request = Bench.request(.openaiResponses, isStreamed: isStreamed)
        let answer = try bench.send("POST", request.target, request.body)
        #expect(answer.status == 502 || !answer.isWhole)
        #expect(
            bench.log.wait {
                $0.contains {
                    if case .upstreamFailed("up", _, let text) = $0 { text.contains("silent") } else { false }
                }
            })
    }

    @Test("lets go of the upstream when the client hangs up in the middle, and accounts for it")
    func disconnect() throws {
        let upstreamClosed = Signal()
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            let sent = Mutex(false)
            return HTTPResponse(
                status: 200, headers: [HTTPField("Content-Type", "text/event-stream")],
                body: .stream(
                    next: {
                        let isFirst = sent.withLock { was in
                            defer { was = true }
                            return !was
                        }
                        if isFirst {
                            return Array(
                                ("data: {\"type\":\"message_start\","
                                    + "\"message\":{\"model\":\"claude-sonnet-4-5\","
                                    + "\"usage\":{\"input_tokens\":100}}}\n\n").utf8)
                        }
                        while !request.connection.waitUntilClosed(milliseconds: 60_000) {}
                        return nil
                    }, ended: { upstreamClosed.raise() }))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener)])
        let request = Bench.request(.anthropicMessages, isStreamed: true)
        for _ in 1...20 {
            let exchange = try bench.client.start(
                .init(
                    method: "POST", url: "http://x\(request.target)", unixSocketPath: bench.socket,
                    body: Array(request.body.utf8)))
            _ = try exchange.readChunk()
            exchange.cancel()
        }
        #expect(upstreamClosed.wait(for: 20))
        bench.gateway.stop()
        #expect(bench.log.answers.count == 20)
        #expect(bench.log.answers.allSatisfy { $0.usage.input == 100 })
        // Hanging up early does not hide what was spent.
        #expect(bench.gateway.spent >= Money(microdollars: 20 * 300))
    }

    @Test("serves no other user", .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func peer() async throws {
        let rehearsed = try Rehearsed(.anthropicMessages)
        defer { rehearsed.stop() }
        let gateway = ModelGateway(
            configuration: GatewayConfiguration(upstreams: [], keys: [:]), observe: { _ in })
        let socket = rehearsed.bench.folder.path("other.sock")
        try gateway.start(socketPath: socket, permittedUID: 4242)
        defer { gateway.stop() }
        // Root may open the socket's file, and is still not who it serves.
        #expect(
            RawUnix.exchange(socket, "GET /up/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == "")
        for (uid, isServed) in [(4242, true), (4243, false)] {
            let script =
                "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b'"
                + "GET /up/models HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');"
                + " print(s.recv(99))"
            let output = try await Child.run(
                ChildCommand(
                    [
                        "setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "python3", "-c",
                        script, socket,
                    ],
                    environment: ["PATH": "/usr/bin:/bin"]), timeout: .seconds(30))
            #expect(output.stdoutText.contains("404 Not Found") == isServed)
        }
    }
}

/// Sends exactly these bytes and returns all that comes back until the server closes.
enum RawUnix {
    static func exchange(_ path: String, _ text: String) -> String {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { return "" }
        _ = send(number, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = recv(number, &buffer, buffer.count, 0), count > 0 { all += buffer[..<count] }
        return String(decoding: all, as: UTF8.self)
    }
}
