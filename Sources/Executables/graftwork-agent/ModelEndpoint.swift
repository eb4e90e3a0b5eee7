import HTTPClient
import Vocabulary

/// Sends requests to the model, and again after failures that pass.
///
/// Blocks its caller's thread, which serves nothing else; a cancel ends the wait within a tenth of a second.
final class ModelEndpoint {
    private let settings: AgentSettings
    private let wire: any ModelWire
    private let channel: ClientChannel
    private let client = HTTPConnector()

    init(settings: AgentSettings, dialect: ModelDialect, channel: ClientChannel) {
        self.settings = settings
        self.channel = channel
        wire = dialect.wire
    }

    /// The model's answer; nil when the turn was cancelled.
    func ask(_ request: ModelRequest) throws(AgentError) -> ModelReply? {
        var request = request
        request.model = settings.model
        let body = Array(JSONText.write(wire.body(of: request)).utf8)
        var failure = Failure(message: "The model endpoint was not asked.")
        for attempt in 0..<AgentBounds.attempts {
            if attempt > 0 { channel.pause(seconds: failure.pause ?? Self.backoff(before: attempt)) }
            if channel.isCancelled { return nil }
            switch attemptOnce(body) {
            case .success(let reply): return reply
            case .failure(let caught):
                failure = caught
                if channel.isCancelled { return nil }
                guard caught.mayPass else { throw .endpoint(caught.message) }
            }
        }
        throw .endpoint("\(failure.message) (\(AgentBounds.attempts) attempts)")
    }

    /// Half a second, doubled each time. No chance in it: a session is the only one to ask its own gateway.
    private static func backoff(before attempt: Int) -> Double {
        min(AgentBounds.backoffSecondsMax, 0.25 * Double(1 << attempt))
    }

    private struct Failure: Error {
        var message: String
        /// The same request may succeed later.
        var mayPass = false
        /// How long the endpoint asks to be left alone.
        var pause: Double?
    }

    private func attemptOnce(_ body: [UInt8]) -> Result<ModelReply, Failure> {
        let request = HTTPClientRequest(
            method: "POST", url: settings.baseURL + wire.path,
            headers: [("Content-Type", "application/json")] + wire.headers(key: settings.key), body: body)
        let status: Int
        let retryAfter: Double?
        let answer: [UInt8]
        do throws(HTTPClientError) {
            let channel = channel
            let exchange = try client.start(request) { channel.isCancelled }
            status = exchange.status
            retryAfter = exchange.header("retry-after").flatMap { Double($0) }
            answer = try exchange.readAll()
        } catch {
            return .failure(
                Failure(message: "The model endpoint failed: \(error).", mayPass: Self.mayPass(error.part)))
        }
        let document: JSONValue
        do throws(JSONText.Flaw) {
            document = try JSONText.parse(String(decoding: answer, as: UTF8.self))
        } catch {
            let start = VisibleText.oneLine(String(decoding: answer.prefix(300), as: UTF8.self), limit: 300)
            return .failure(
                Failure(
                    message: "The model endpoint answered HTTP \(status) and no JSON: \(start)",
                    mayPass: status >= 500))
        }
        guard status == 200 else {
            let said =
                document["error"]?["message"]?.stringValue ?? document["error"]?.stringValue
                ?? "no reason given"
            let passes = status == 408 || status == 429 || status >= 500
            let pause = retryAfter.map { min(AgentBounds.backoffSecondsMax, max(0, $0)) }
            return .failure(
                Failure(
                    message: "The model endpoint answered HTTP \(status): \(said)", mayPass: passes,
                    pause: pause))
        }
        guard let reply = wire.reply(document) else {
            return .failure(Failure(message: "The model endpoint's answer has not the shape of its dialect."))
        }
        return .success(reply)
    }

    private static func mayPass(_ part: HTTPClientError.Part) -> Bool {
        switch part {
        case .resolve, .connect, .timeout, .closed, .answer: true
        case .request, .tls, .tooLarge, .cancelled, .library: false
        }
    }
}
