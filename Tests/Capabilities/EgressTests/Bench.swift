import Egress
import Fixtures
import Foundation
import HTTPClient
import HTTPServer
import Rehearsal
import Vocabulary

/// A gateway on a unix socket, what it reports, and a client that a harness could be.
final class Bench: Sendable {
    static let realKey = "sk-real-key-0123456789abcdef"
    static let placeholder = "placeholder-of-this-session"

    let folder: TemporaryFolder
    let gateway: ModelGateway
    let socket: String
    let log: EventLog
    let client = HTTPConnector()

    init(
        _ upstreams: [Upstream], keys: [String: String]? = nil, prices: PriceTable = .builtIn,
        spendLimit: Money? = nil,
        limits: GatewayLimits = GatewayLimits(), permittedUID: UInt32? = nil
    ) throws {
        folder = try TemporaryFolder(reachable: true)
        socket = folder.path("model.sock")
        let log = EventLog()
        self.log = log
        let all = Dictionary(uniqueKeysWithValues: upstreams.map { ($0.name, Self.realKey) })
        gateway = ModelGateway(
            configuration: GatewayConfiguration(
                upstreams: upstreams, keys: keys ?? all, prices: prices, spendLimit: spendLimit,
                placeholderKey: Self.placeholder,
                limits: limits), observe: { log.add($0) })
        try gateway.start(socketPath: socket, permittedUID: permittedUID)
    }

    deinit { gateway.stop() }

    struct Answer: Equatable {
        var status: Int
        var headers: [String]
        var body: String
        var isWhole = true
    }

    func send(
        _ method: String = "POST", _ target: String, _ body: String? = nil,
        headers: [(name: String, value: String)]? = nil
    ) throws -> Answer {
        let exchange = try client.start(
            .init(
                method: method, url: "http://gateway\(target)", unixSocketPath: socket,
                headers: headers ?? [("Content-Type", "application/json"), ("x-api-key", Self.placeholder)],
                body: body.map { Array($0.utf8) }))
        var answer = Answer(
            status: exchange.status, headers: exchange.headers.map { "\($0.name): \($0.value)" }, body: "")
        var bytes: [UInt8] = []
        do { while let chunk = try exchange.readChunk() { bytes += chunk } } catch { answer.isWhole = false }
        answer.body = String(decoding: bytes, as: UTF8.self)
        return answer
    }

    /// A request that a scene with this word answers, in the dialect's own shape.
    static func request(
        _ dialect: ModelDialect, _ text: String = "hello", isStreamed: Bool = false, model: String? = nil
    ) -> (target: String, body: String) {
        let name = model ?? (dialect == .anthropicMessages ? "claude-sonnet-4-5" : "gpt-5.1-codex")
        let stream = isStreamed ? "true" : "false"
        switch dialect {
        case .anthropicMessages:
            return (
                "/up/v1/messages?beta=true",
                #"{"model":"\#(name)","max_tokens":100,"stream":\#(stream),"#
                    + #""messages":[{"role":"user","content":"\#(text)"}]}"#
            )
        case .openaiResponses:
            return ("/up/v1/responses", #"{"model":"\#(name)","stream":\#(stream),"input":"\#(text)"}"#)
        case .openaiChat:
            return (
                "/up/v1/chat/completions",
                #"{"model":"\#(name)","stream":\#(stream),"messages":[{"role":"user","content":"\#(text)"}]}"#
            )
        }
    }
}

/// What a gateway reported, in order, without the sign of life.
// Safe because every access holds the condition's lock.
final class EventLog: @unchecked Sendable {
    private let condition = NSCondition()
    private var all: [GatewayEvent] = []

    func add(_ event: GatewayEvent) {
        condition.withLock {
            all.append(event)
            condition.broadcast()
        }
    }

    var events: [GatewayEvent] { condition.withLock { all.filter { $0 != .activity } } }
    var sawActivity: Bool { condition.withLock { all.contains(.activity) } }
    var answers: [ModelAnswer] {
        events.compactMap { if case .answered(let answer) = $0 { answer } else { nil } }
    }

    /// Waits for a fact; false after half a minute, when something is broken and not slow.
    func wait(until holds: ([GatewayEvent]) -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: 30)
        condition.lock()
        defer { condition.unlock() }
        while !holds(all) { guard condition.wait(until: end) else { return false } }
        return true
    }
}

/// Runs a closure on threads of its own, all at once, and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    let done = Signal()
    for _ in 0..<count {
        Thread.detachNewThread {
            body()
            done.raise()
        }
    }
    _ = done.wait(for: count)
}

/// A scripted upstream and a gateway in front of it.
struct Rehearsed {
    let server: RehearsalServer
    let bench: Bench

    init(
        _ dialect: ModelDialect,
        _ scenes: [RehearsalScene] = [RehearsalScene(match: RehearsalMatch(), steps: [.final("Hello.")])],
        vendor: VendorRule? = nil, prices: PriceTable = .builtIn, spendLimit: Money? = nil,
        overUnixSocket: Bool = false
    ) throws {
        server = RehearsalServer(script: RehearsalScript(scenes: scenes), recordedBodyBytes: 64 << 10)
        let path = "/tmp/gw-up-\(UUID().uuidString.prefix(8))"
        let address = try server.start(on: overUnixSocket ? .unix(path: path) : .loopback(port: 0))
        bench = try Bench(
            [
                Upstream(
                    name: "up", dialect: dialect, baseURL: address.baseURL,
                    vendor: vendor ?? .fixed(vendor: dialect == .anthropicMessages ? .anthropic : .openai),
                    credential: .none,
                    isRehearsal: true)
            ], prices: prices, spendLimit: spendLimit)
    }

    func stop() {
        bench.gateway.stop()
        server.stop()
    }
}

/// An upstream that answers whatever a test wants.
func upstream(
    _ listener: HTTPListener, _ dialect: ModelDialect = .anthropicMessages,
    vendor: VendorRule = .fixed(vendor: .anthropic)
) -> Upstream {
    Upstream(
        name: "up", dialect: dialect, baseURL: "http://127.0.0.1:\(listener.port ?? 0)", vendor: vendor,
        credential: .none)
}

let everyWay: [(ModelDialect, Bool)] = ModelDialect.allCases.flatMap { [($0, false), ($0, true)] }
