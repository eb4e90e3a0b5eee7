import Egress
import Fixtures
import Foundation
import HTTPServer
import Rehearsal
import Synchronization
import Testing
import Vocabulary

@Suite("The gateway stops at the spend limit") struct BudgetTests {
    @Test(
        "refuses in the vendor's own shape, with a status that harnesses do not repeat",
        arguments: ModelDialect.allCases)
    func refusal(dialect: ModelDialect) throws {
        let step = RehearsalStep(say: "Dear.", usage: TokenUsage(input: 0, output: 100_000))
        let rehearsed = try Rehearsed(
            dialect, [RehearsalScene(match: RehearsalMatch(), steps: [step])], spendLimit: Money(dollars: 0.5)
        )
        defer { rehearsed.stop() }
        let request = Bench.request(dialect)
        // A reservation alone never refuses: the first request passes, whatever it may cost.
        #expect(try rehearsed.bench.send("POST", request.target, request.body).status == 200)
        let spent = rehearsed.bench.gateway.spent
        #expect(spent == Money(dollars: dialect == .anthropicMessages ? 1.5 : 1))
        let answer = try rehearsed.bench.send("POST", request.target, request.body)
        #expect(answer.status == (dialect == .anthropicMessages ? 402 : 400))
        #expect(answer.headers.contains("x-should-retry: false"))
        let amount = dialect == .anthropicMessages ? "$1.50" : "$1.00"
        let message = "graftwork: the spend limit of $0.50 for this session is reached (\(amount) spent)."
        #expect(
            answer.body
                == (dialect == .anthropicMessages
                    ? #"{"error":{"message":"\#(message)","type":"billing_error"},"type":"error"}"#
                    : #"{"error":{"code":"insufficient_quota","message":"\#(message)","#
                        + #""param":null,"type":"invalid_request_error"}}"#)
        )
        #expect(rehearsed.server.requests.count == 1)
        #expect(rehearsed.bench.log.events.last == .budgetReached(limit: Money(dollars: 0.5), spent: spent))
    }

    @Test("counts what was spent before, when a session is resumed")
    func resumed() throws {
        let log = EventLog()
        let bench = try Bench([])
        let gateway = ModelGateway(
            configuration: GatewayConfiguration(
                upstreams: [
                    Upstream(
                        name: "up", dialect: .openaiChat, baseURL: "http://127.0.0.1:1",
                        vendor: .fixed(vendor: .openai), credential: .none)
                ],
                keys: [:], spendLimit: Money(dollars: 2), spentBefore: Money(dollars: 2)),
            observe: { log.add($0) })
        let socket = bench.folder.path("two.sock")
        try gateway.start(socketPath: socket, permittedUID: nil)
        defer { gateway.stop() }
        #expect(
            RawUnix.exchange(
                socket,
                "POST /up/chat/completions HTTP/1.1\r\nHost: x\r\n"
                    + "Connection: close\r\nContent-Length: 2\r\n\r\n{}"
            ).contains("is reached"))
        #expect(log.events == [.budgetReached(limit: Money(dollars: 2), spent: Money(dollars: 2))])
    }

    @Test("near the limit lets one request after the other through, so that not all of many pass it at once")
    func nearTheLimit() throws {
        let inside = Mutex((now: 0, most: 0))
        let listener = try HTTPListener(on: .loopback(port: 0)) { request in
            inside.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            // Long enough for all others to arrive, were they let through; nothing is proven by its length.
            _ = request.connection.waitUntilClosed(milliseconds: 30)
            inside.withLock { $0.now -= 1 }
            return HTTPResponse(
                status: 200,
                body: .bytes(
                    Array(
                        #"{"model":"claude-sonnet-4-5","usage":{"input_tokens":0,"output_tokens":40000}}"#
                            .utf8)))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener)], spendLimit: Money(dollars: 1))
        let statuses = Mutex<[Int]>([])
        onThreads(8) {
            // Each may cost 1.5 dollars and does cost 0.6: two pass, the others find the limit reached.
            let body = #"{"model":"claude-sonnet-4-5","max_tokens":100000,"messages":[]}"#
            let status = (try? bench.send("POST", "/up/v1/messages", body).status) ?? 0
            statuses.withLock { $0.append(status) }
        }
        #expect(statuses.withLock { $0.sorted() } == [200, 200, 402, 402, 402, 402, 402, 402])
        #expect(inside.withLock { $0.most } == 1)
        #expect(bench.gateway.spent == Money(dollars: 1.2))
    }

    @Test("far from the limit lets requests through side by side")
    func farFromTheLimit() throws {
        let arrived = Signal()
        let listener = try HTTPListener(on: .loopback(port: 0)) { _ in
            arrived.raise()
            let all = arrived.wait(for: 4)
            return HTTPResponse(
                status: all ? 200 : 500,
                body: .bytes(Array(#"{"model":"claude-sonnet-4-5","usage":{"input_tokens":1}}"#.utf8)))
        }
        defer { listener.stop() }
        let bench = try Bench([upstream(listener)], spendLimit: Money(dollars: 100))
        let statuses = Mutex<[Int]>([])
        onThreads(4) {
            let request = Bench.request(.anthropicMessages)
            let status = (try? bench.send("POST", request.target, request.body).status) ?? 0
            statuses.withLock { $0.append(status) }
        }
        #expect(statuses.withLock { $0 } == [200, 200, 200, 200])
    }
}
