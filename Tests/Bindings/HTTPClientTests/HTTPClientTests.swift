import Foundation
import Glibc
import HTTPClient
import HTTPServer
import Synchronization
import Testing

@Suite("An HTTP client") struct HTTPClientTests {
    @Test("sends method, headers and body as given and adds nothing of its own")
    func sends() throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            seen.withLock { $0 = request }
            return HTTPResponse(status: 200)
        }
        defer { listener.stop() }
        let port = try #require(listener.port)
        let client = HTTPConnector()
        _ = try client.start(
            .init(
                method: "POST", url: "http://127.0.0.1:\(port)/x/../y?z",
                headers: [("X-Empty", ""), ("A", "b")], body: [1, 2]))
        let request = try #require(seen.withLock { $0 })
        #expect(request.target == "/x/../y?z")
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Host: 127.0.0.1:\(port)", "X-Empty: ", "A: b", "Content-Length: 2",
            ])
        for method in ["GET", "DELETE", "HEAD", "PUT"] {
            _ = try client.start(
                .init(method: method, url: "http://127.0.0.1:\(port)/", body: method == "PUT" ? [] : nil))
            #expect(seen.withLock { $0?.method } == method)
        }
    }

    @Test("keeps using one connection for exchanges that follow each other")
    func reuse() throws {
        let connections = Mutex<Set<ObjectIdentifier>>([])
        let kept = Mutex<[HTTPConnection]>([])
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            connections.withLock { _ = $0.insert(ObjectIdentifier(request.connection)) }
            kept.withLock { $0.append(request.connection) }
            return HTTPResponse(status: 200, body: .bytes([65]))
        }
        defer { listener.stop() }
        let client = HTTPConnector()
        let url = "http://127.0.0.1:\(try #require(listener.port))/"
        for _ in 1...3 { #expect(try client.start(.init(url: url)).readAll() == [65]) }
        #expect(connections.withLock { $0.count } == 1)
        _ = try client.start(.init(url: url))  // Let go of before its end: its connection is not used again.
        #expect(try client.start(.init(url: url)).readAll() == [65])
        #expect(connections.withLock { $0.count } == 2)
    }

    @Test("returns a redirect and does not follow it")
    func redirect() throws {
        let targets = Mutex<[String]>([])
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            targets.withLock { $0.append(request.target) }
            return HTTPResponse(
                status: request.target == "/" ? 302 : 200, headers: [HTTPField("Location", "/elsewhere")])
        }
        defer { listener.stop() }
        let exchange = try HTTPConnector().start(
            .init(url: "http://127.0.0.1:\(try #require(listener.port))/"))
        #expect(try exchange.readAll() == [])
        #expect(exchange.status == 302)
        #expect(exchange.header("location") == "/elsewhere")
        #expect(targets.withLock { $0 } == ["/"])
    }

    @Test("takes no proxy from the environment")
    func noEnvironmentProxy() throws {
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        defer { unsetenv("http_proxy") }
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in HTTPResponse(status: 204) }
        defer { listener.stop() }
        #expect(
            try HTTPConnector().start(.init(url: "http://127.0.0.1:\(try #require(listener.port))/")).status
                == 204)
    }

    @Test(
        "names what failed: request, resolve, connect, tls, timeout, closed, too large, not HTTP, cancelled")
    func errors() throws {
        func part(
            _ request: HTTPClientRequest, client: HTTPConnector = HTTPConnector(),
            isCancelled: @escaping @Sendable () -> Bool = { false }
        ) -> HTTPClientError.Part? {
            let error = #expect(throws: HTTPClientError.self) {
                try client.start(request, isCancelled: isCancelled).readAll()
            }
            return error?.part
        }
        let silent = try HTTPListener(on: .loopback(port: 0)) { request in
            _ = request.connection.waitUntilClosed(milliseconds: 60_000)
            return HTTPResponse(status: 200)
        }
        defer { silent.stop() }
        let large = try HTTPListener(on: .loopback(port: 0)) { _ in
            HTTPResponse(status: 200, body: .bytes(Array(repeating: 65, count: 5000)))
        }
        defer { large.stop() }
        let silentURL = "http://127.0.0.1:\(try #require(silent.port))/"
        let largeURL = "http://127.0.0.1:\(try #require(large.port))/"
        #expect(part(.init(url: "file:///etc/passwd")) == .request)
        #expect(part(.init(url: "http://127.0.0.1/ x")) == .request)
        #expect(part(.init(url: largeURL, headers: [("A", "b\r\nC: d")])) == .request)
        #expect(part(.init(url: "http://no-such-host.invalid/")) == .resolve)
        #expect(part(.init(url: "http://127.0.0.1:1/")) == .connect)
        #expect(part(.init(url: "http://x/", unixSocketPath: "/nonexistent/socket")) == .connect)
        #expect(part(.init(url: largeURL.replacingOccurrences(of: "http:", with: "https:"))) == .tls)
        #expect(part(.init(url: silentURL), client: HTTPConnector(limits: .init(idleSeconds: 0))) == .timeout)
        #expect(
            part(.init(url: largeURL), client: HTTPConnector(limits: .init(answerBytesMax: 4999)))
                == .tooLarge)
        #expect(part(.init(url: silentURL), isCancelled: { true }) == .cancelled)
        let port = try RawAnswer.serve("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        #expect(part(.init(url: "http://127.0.0.1:\(port)/")) == .closed)
        let nonsense = try RawAnswer.serve("SSH-2.0-OpenSSH_9.2\r\n")
        #expect(part(.init(url: "http://127.0.0.1:\(nonsense)/")) == .answer)
    }

    @Test("an error names the server, never the path, the query or a name in the URL")
    func errorText() {
        let error = #expect(throws: HTTPClientError.self) {
            try HTTPConnector().start(.init(url: "http://user:secret@127.0.0.1:1/path?key=secret"))
        }
        #expect(error?.server == "http://127.0.0.1:1")
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "refuses a certificate nobody it trusts has signed, and accepts it from the authority it is given"
    )
    func certificates() throws {
        let folder = "/tmp/gw-tls-\(UUID().uuidString.prefix(8))"
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "\(folder)/key", "-out",
            "\(folder)/certificate")
        let server = Foundation.Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        server.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "\(folder)/certificate", "-key",
            "\(folder)/key",
        ]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        var text = ""
        while !text.contains("ACCEPT 127.0.0.1:") || !text.hasSuffix("\n") {
            text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        }
        let port = text.components(separatedBy: "ACCEPT 127.0.0.1:")[1].prefix { $0.isNumber }
        let url = "https://localhost:\(port)/"
        let error = #expect(throws: HTTPClientError.self) { try HTTPConnector().start(.init(url: url)) }
        #expect(error?.part == .tls)
        #expect(
            try HTTPConnector(authoritiesFile: "\(folder)/certificate").start(.init(url: url)).status == 200)
    }

    private func run(_ arguments: String...) throws {
        let program = Foundation.Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        program.arguments = arguments
        program.standardError = FileHandle.nullDevice
        try program.run()
        program.waitUntilExit()
        #expect(program.terminationStatus == 0)
    }
}

/// A server that sends one text to its first client and closes, whatever it is asked.
enum RawAnswer {
    static func serve(_ text: String) throws -> UInt16 {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listening, $0, length)
                _ = getsockname(listening, $0, &length)
            }
        }
        listen(listening, 1)
        Thread.detachNewThread {
            let client = accept(listening, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = recv(client, &buffer, buffer.count, 0)
            _ = send(client, text, text.utf8.count, Int32(MSG_NOSIGNAL))
            close(client)
            close(listening)
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
