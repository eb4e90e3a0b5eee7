import Dispatch
import Glibc
import Synchronization
import Vocabulary

/// The client on stdin and stdout: requests wait for the one thread that serves them; answers to our own
/// questions and a cancel reach it in the middle of its work.
final class ClientChannel: Sendable {
    /// A request or notification of the client's.
    struct Message: Sendable {
        var id: JSONValue?
        var method: String
        var params: JSONValue
    }

    private struct State {
        var messages: [Message] = []
        var replies: [Int64: JSONValue] = [:]
        var nextRequest: Int64 = 1
        var isCancelled = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)
    private let output = Mutex(())

    /// Whether the turn must end: the client cancelled it or went away.
    var isCancelled: Bool { state.withLock { $0.isCancelled || $0.isClosed } }

    /// The next request; nil when the client has gone.
    func next() -> Message? {
        while true {
            let (message, isClosed) = state.withLock { state in
                (state.messages.isEmpty ? nil : state.messages.removeFirst(), state.isClosed)
            }
            if let message { return message }
            if isClosed { return nil }
            news.wait()
        }
    }

    /// Asks the client and waits; nil when the turn was cancelled first.
    func ask(_ method: String, _ params: JSONValue) -> JSONValue? {
        let id = state.withLock { state in
            state.nextRequest += 1
            return state.nextRequest
        }
        send(["jsonrpc": "2.0", "id": .int(id), "method": .string(method), "params": params])
        while true {
            let (reply, isOver) = state.withLock {
                ($0.replies.removeValue(forKey: id), $0.isCancelled || $0.isClosed)
            }
            if let reply { return reply }
            if isOver { return nil }
            news.wait()
        }
    }

    /// Waits so long, or until the turn is cancelled.
    func pause(seconds: Double) {
        let deadline = DispatchTime.now() + seconds
        while !isCancelled, news.wait(timeout: deadline) == .success {}
    }

    func reply(to id: JSONValue, _ result: JSONValue) {
        send(["jsonrpc": "2.0", "id": id, "result": result])
    }

    func refuse(_ id: JSONValue, code: Int64, _ message: String) {
        send(["jsonrpc": "2.0", "id": id, "error": ["code": .int(code), "message": .string(message)]])
    }

    func update(_ session: String, _ update: JSONValue) {
        send([
            "jsonrpc": "2.0", "method": "session/update",
            "params": ["sessionId": .string(session), "update": update],
        ])
    }

    private func send(_ message: JSONValue) {
        let line = Array((JSONText.write(message) + "\n").utf8)
        output.withLock { _ in
            var start = 0
            while start < line.count {
                let count = line[start...].withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }  // The client has gone; its end of stdin says so too.
                start += count
            }
        }
    }
}

// MARK: reading, on a thread of its own

extension ClientChannel {
    func readToEnd() {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte != 0x0A {
                    line.append(byte)
                } else {
                    take(line)
                    line.removeAll(keepingCapacity: line.count < 1 << 16)
                }
            }
            if line.count > AgentBounds.lineBytes { break }
        }
        state.withLock { $0.isClosed = true }
        news.signal()
    }

    private func take(_ line: [UInt8]) {
        guard !line.isEmpty else { return }
        let message: JSONValue
        do throws(JSONText.Flaw) {
            message = try JSONText.parse(String(decoding: line, as: UTF8.self))
        } catch {
            return refuse(.null, code: -32700, error.description)
        }
        guard let method = message["method"]?.stringValue else {
            guard let id = message["id"]?.intValue else { return }
            state.withLock { state in
                if state.replies.count < AgentBounds.messagesWaiting { state.replies[id] = message }
            }
            news.signal()
            return
        }
        if method == "session/cancel" {
            state.withLock { $0.isCancelled = true }
        } else {
            let isFull = state.withLock { state in
                guard state.messages.count < AgentBounds.messagesWaiting else { return true }
                // Here, in the order of the lines, so that a cancel right behind its prompt is not forgotten.
                if method == "session/prompt" { state.isCancelled = false }
                state.messages.append(
                    Message(id: message["id"], method: method, params: message["params"] ?? .null))
                return false
            }
            if isFull, let id = message["id"] { refuse(id, code: -32000, "Too many requests wait already.") }
        }
        news.signal()
    }
}
