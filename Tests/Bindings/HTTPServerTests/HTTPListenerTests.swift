import Fixtures
import Foundation
import Glibc
import HTTPClient
import HTTPServer
import Synchronization
import Testing

@Suite("An HTTP listener") struct HTTPListenerTests {
    private func url(_ listener: HTTPListener, _ path: String = "/") -> String {
        "http://127.0.0.1:\(listener.port ?? 0)\(path)"
    }

    @Test("gives the handler method, raw target, headers in order and the body")
    func request() throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            seen.withLock { $0 = request }
            return HTTPResponse(
                status: 201, headers: [HTTPField("X-Answer", "yes")], body: .bytes(Array("made".utf8)))
        }
        defer { listener.stop() }
        let exchange = try HTTPConnector().start(
            HTTPClientRequest(
                method: "POST", url: url(listener, "/a%2Fb/..%00/?q=%20x&y"),
                headers: [("X-Two", "2"), ("X-One", "1"), ("X-Two", "again")], body: [0, 1, 255]))
        #expect(exchange.status == 201)
        #expect(exchange.header("x-answer") == "yes")
        #expect(try exchange.readAll() == Array("made".utf8))
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == "POST")
        #expect(request.target == "/a%2Fb/..%00/?q=%20x&y")
        #expect(
            request.headers.filter { $0.name.hasPrefix("X-") }.map { "\($0.name)=\($0.value)" } == [
                "X-Two=2", "X-One=1", "X-Two=again",
            ])
        #expect(request.body == [0, 1, 255])
    }

    @Test("keeps a connection open for the next request")
    func keepAlive() throws {
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            HTTPResponse(status: 200, body: .bytes(Array("<\(request.target)>".utf8)))
        }
        defer { listener.stop() }
        let client = try RawClient(port: try #require(listener.port))
        client.send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.receive(until: "</one>").contains("200 OK"))
        client.send(
            "POST /two HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        #expect(client.receive(until: "</two>").contains("200 OK"))
    }

    @Test("answers 413 to a declared body over the limit and to a chunked one that grows over it")
    func bodyLimit() throws {
        let calls = Signal()
        let listener = try HTTPListener(on: .loopback(port: 0), limits: .init(bodyBytesMax: 1000)) { _ in
            calls.raise()
            return HTTPResponse(status: 200)
        }
        defer { listener.stop() }
        let client = HTTPConnector()
        let exact = try client.start(
            .init(method: "POST", url: url(listener), body: Array(repeating: 65, count: 1000)))
        #expect(exact.status == 200)
        let over = try client.start(
            .init(method: "POST", url: url(listener), body: Array(repeating: 65, count: 1001)))
        #expect(over.status == 413)
        #expect(String(decoding: try over.readAll(), as: UTF8.self).contains("1000 bytes"))
        let raw = try RawClient(port: try #require(listener.port))
        let piece = String(repeating: "A", count: 600)
        raw.send(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "258\r\n\(piece)\r\n258\r\n\(piece)\r\n0\r\n\r\n"
        )
        #expect(raw.receive(until: "larger than").hasPrefix("HTTP/1.1 413"))
        let endless = try RawClient(port: try #require(listener.port))
        endless.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 1...6 { endless.send("258\r\n\(piece)\r\n") }
        #expect(endless.receive() == "")
        #expect(calls.value == 1)
    }

    @Test("refuses headers beyond their limit")
    func headerLimit() throws {
        let listener = try HTTPListener(on: .loopback(port: 0), limits: .init(connectionBytesMax: 16 << 10)) {
            _ in
            HTTPResponse(status: 200)
        }
        defer { listener.stop() }
        let raw = try RawClient(port: try #require(listener.port))
        raw.send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "a", count: 64 << 10))\r\n\r\n")
        let answer = raw.receive()
        #expect(!answer.contains("200 OK"))
    }

    @Test("streams each piece when it is there, not when the next one is")
    func streaming() throws {
        let mayContinue = Signal()
        let ended = Signal()
        let step = Mutex(0)
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            HTTPResponse(
                status: 200, headers: [HTTPField("Content-Type", "text/event-stream")],
                body: .stream(
                    next: {
                        let number = step.withLock { value in
                            value += 1
                            return value
                        }
                        switch number {
                        case 1: return Array("first".utf8)
                        case 2:
                            _ = mayContinue.wait()
                            return Array(repeating: 66, count: 200_000)
                        default: return nil
                        }
                    }, ended: { ended.raise() }))
        }
        defer { listener.stop() }
        let exchange = try HTTPConnector().start(.init(url: url(listener)))
        #expect(try exchange.readChunk() == Array("first".utf8))
        mayContinue.raise()
        #expect(try exchange.readAll().count == 200_000)
        #expect(ended.wait())
        #expect(ended.value == 1)
    }

    @Test("cuts the connection when a streamed body fails, so that the client does not take it for whole")
    func cutStream() throws {
        struct Broken: Error {}
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            let sent = Mutex(false)
            return HTTPResponse(
                status: 200,
                body: .stream(next: {
                    if sent.withLock({ was in
                        defer { was = true }
                        return was
                    }) {
                        throw Broken()
                    }
                    return Array("half".utf8)
                }))
        }
        defer { listener.stop() }
        let exchange = try HTTPConnector().start(.init(url: url(listener)))
        #expect(try exchange.readChunk() == Array("half".utf8))
        let error = #expect(throws: HTTPClientError.self) { try exchange.readChunk() }
        #expect(error?.part == .closed)
    }

    @Test("tells a waiting handler that its client has gone away, and ends its stream")
    func disconnect() throws {
        let ended = Signal()
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            let sent = Mutex(false)
            return HTTPResponse(
                status: 200,
                body: .stream(
                    next: {
                        let first = sent.withLock { was in
                            defer { was = true }
                            return !was
                        }
                        if first { return Array("hello".utf8) }
                        return request.connection.waitUntilClosed(milliseconds: 60_000) ? nil : [0]
                    }, ended: { ended.raise() }))
        }
        defer { listener.stop() }
        let raw = try RawClient(port: try #require(listener.port))
        raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(raw.receive(until: "hello").contains("200"))
        raw.close()
        #expect(ended.wait())
    }

    @Test("stops under a handler that waits, and removes its socket")
    func stop() throws {
        let folder = try TemporaryFolder(reachable: true)
        let path = "\(folder.path)/s"
        let waiting = Signal()
        let listener = try HTTPListener(on: .unix(path: path)) { request in
            waiting.raise()
            _ = request.connection.waitUntilClosed(milliseconds: 60_000)
            return HTTPResponse(status: 200)
        }
        let failed = Signal()
        Thread.detachNewThread {
            do { _ = try HTTPConnector().start(.init(url: "http://x/", unixSocketPath: path)) } catch {
                failed.raise()
            }
        }
        #expect(waiting.wait())
        listener.stop()
        #expect(failed.wait())
        #expect(access(path, F_OK) != 0)
        listener.stop()
    }

    @Test("makes its unix socket with mode 0600, replaces a stale one and nothing else")
    func unixSocket() throws {
        let folder = try TemporaryFolder(reachable: true)
        let path = "\(folder.path)/s"
        for _ in 1...2 {
            let listener = try HTTPListener(on: .unix(path: path)) { _ in HTTPResponse(status: 204) }
            defer { listener.stop() }
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(try HTTPConnector().start(.init(url: "http://x/", unixSocketPath: path)).status == 204)
            // As a crash leaves it: the file is there, nobody listens.
            rename(path, path + ".old")
            listener.stop()
            rename(path + ".old", path)
        }
        try "precious".write(toFile: "\(folder.path)/file", atomically: true, encoding: .utf8)
        let error = #expect(throws: HTTPServerError.self) {
            try HTTPListener(on: .unix(path: "\(folder.path)/file")) { _ in HTTPResponse(status: 204) }
        }
        #expect(error?.description.contains("no socket is already there") == true)
        #expect(try String(contentsOfFile: "\(folder.path)/file", encoding: .utf8) == "precious")
        let long = "\(folder.path)/\(String(repeating: "x", count: 120))"
        #expect(throws: HTTPServerError.self) {
            try HTTPListener(on: .unix(path: long)) { _ in HTTPResponse(status: 204) }
        }
    }

    @Test(
        "cuts off a client of another user before a byte of it is read",
        .enabled(if: geteuid() == 0, "needs root to become another user"))
    func peer() throws {
        let folder = try TemporaryFolder(reachable: true)
        let path = "\(folder.path)/s"
        let calls = Signal()
        let listener = try HTTPListener(on: .unix(path: path, permittedUID: 4242)) { _ in
            calls.raise()
            return HTTPResponse(status: 200, body: .bytes(Array("hello".utf8)))
        }
        defer { listener.stop() }
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_uid == 4242)
        // root may open the socket, but is not who it serves.
        #expect(throws: HTTPClientError.self) {
            try HTTPConnector().start(.init(url: "http://x/", unixSocketPath: path))
        }
        #expect(calls.value == 0)
        #expect(try curl(path, asUser: 4242) == "hello")
        chmod(path, 0o666)
        #expect(try curl(path, asUser: 4243) == "")
        #expect(calls.value == 1)
    }

    /// The client runs as a program of its own: a process cannot become another user and come back.
    private func curl(_ path: String, asUser uid: Int) throws -> String {
        let program = Foundation.Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
            try:
                s.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
                data = b"".join(iter(lambda: s.recv(65536), b""))
            except OSError: data = b""
            print(data.split(b"\\r\\n\\r\\n")[-1].decode(), end="")
            """
        program.arguments = [
            "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "/usr/bin/python3", "-c", script, path,
        ]
        let pipe = Pipe()
        program.standardOutput = pipe
        try program.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        program.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}
