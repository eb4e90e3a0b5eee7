import HTTPClient
import HTTPServer
import Vocabulary

/// One request on its way through the gateway, and its answer on the way back.
///
/// `@unchecked Sendable`: Safe because a pass is used by its connection's thread alone, from `forward` to
/// `ended`.
final class GatewayPass: @unchecked Sendable {
    /// An upstream's error is read whole, to pass it on and to tell what it says.
    private static let errorBytesMax = 1 << 20

    private let service: GatewayService
    private let route: GatewayRoute
    private let request: ModelRequest
    private let key: String?
    private let address: UpstreamAddress

    private var open: SpendLedger.Reservation?
    private var exchange: HTTPExchange?
    private var redactor: SecretRedactor
    private var meter: UsageMeter?
    private var isReported = false
    private var isAtEnd = false

    init(
        service: GatewayService, route: GatewayRoute, request: ModelRequest, key: String?,
        address: UpstreamAddress
    ) {
        self.service = service
        self.route = route
        self.request = request
        self.key = key
        self.address = address
        self.redactor = SecretRedactor(secret: key)
    }

    /// What this request could cost; nothing where it costs nothing or nobody knows.
    var reservation: Money {
        guard route.endpoint.isMetered, let model = request.model else { return .zero }
        let usage = TokenUsage(
            input: service.ledger.estimatedInput(ofBytes: request.body.count),
            output: request.outputTokensMax ?? 8192)
        return service.configuration.prices.cost(of: usage, model: model) ?? .zero
    }

    func forward(_ original: HTTPRequest, client: HTTPConnector, reservation: SpendLedger.Reservation)
        -> HTTPResponse
    {
        open = reservation
        let connection = original.connection
        do {
            let exchange = try client.start(
                HTTPClientRequest(
                    method: original.method, url: address.baseURL + route.rest,
                    unixSocketPath: address.unixSocketPath,
                    headers: HeaderRules.forwarded(
                        original.headers, dialect: route.upstream.dialect, key: key),
                    body: original.method == "GET" ? nil : request.body),
                isCancelled: { connection.isClosed })
            service.noteActivity()
            return exchange.status < 300 ? passOn(exchange) : passOnError(exchange)
        } catch {
            settleUnanswered(error.part)
            // A client that went away is no failure of the upstream.
            if error.part != .cancelled { reportFailure(status: nil, "\(error)") }
            return GatewayRefusal.upstreamUnreachable(route.upstream.name, "\(error)").response(
                dialect: route.upstream.dialect)
        }
    }

    // MARK: The answer

    private func passOn(_ exchange: HTTPExchange) -> HTTPResponse {
        self.exchange = exchange
        if route.endpoint.isMetered {
            meter = UsageMeter(
                endpoint: route.endpoint, contentType: exchange.header("content-type"),
                contentEncoding: exchange.header("content-encoding"),
                bytesMax: service.configuration.limits.meteredBytesMax)
        }
        return HTTPResponse(
            status: exchange.status, headers: HeaderRules.returned(exchange.headers, redactor: redactor),
            body: .stream(next: { try self.next() }, ended: { self.ended() }))
    }

    /// The next bytes for the client, as soon as the upstream sent any.
    private func next() throws -> [UInt8]? {
        while !isAtEnd {
            guard let chunk = try readChunk() else {
                isAtEnd = true
                report(isCut: false)
                let rest = redactor.finish()
                return rest.isEmpty ? nil : rest
            }
            service.noteActivity()
            meter?.feed(chunk)
            // Reported before the client sees the end: whoever acts on the answer finds it counted.
            if meter?.reading.isComplete == true { report(isCut: false) }
            let passed = redactor.feed(chunk)
            if !passed.isEmpty { return passed }
        }
        return nil
    }

    private func readChunk() throws -> [UInt8]? {
        do {
            return try exchange?.readChunk()
        } catch {
            if error.part != .cancelled { reportFailure(status: exchange?.status, "\(error)") }
            throw error
        }
    }

    /// The answer is over, or its client has gone.
    private func ended() {
        report(isCut: !isAtEnd)
        exchange?.cancel()
        exchange = nil
    }

    private func passOnError(_ exchange: HTTPExchange) -> HTTPResponse {
        var body: [UInt8] = []
        do {
            while body.count < Self.errorBytesMax, let chunk = try exchange.readChunk() { body += chunk }
        } catch {
            // The status is there and says it failed; what is missing of its text changes nothing.
        }
        exchange.cancel()
        settle(cost: .zero)
        let shown = redactor.feed(body) + redactor.finish()
        let error = JSONMembers(shown).flatMap {
            $0.object("error")?.plainText("message") ?? $0.plainText("message")
        }
        reportFailure(status: exchange.status, error ?? "no message")
        return HTTPResponse(
            status: exchange.status, headers: HeaderRules.returned(exchange.headers, redactor: redactor),
            body: .bytes(shown))
    }

    // MARK: The account

    /// Reports the answer and settles what it cost, once.
    private func report(isCut: Bool) {
        guard !isReported else { return }
        isReported = true
        guard var meter else { return settle(cost: .zero) }
        if !meter.reading.isComplete { meter.finish() }
        let reading = meter.reading
        let prices = service.configuration.prices
        let upstream = route.upstream
        let usage = reading.usage ?? TokenUsage()
        let cost = reading.usage == nil ? nil : reading.model.flatMap { prices.cost(of: usage, model: $0) }
        service.observe(
            .answered(
                ModelAnswer(
                    upstream: upstream.name, vendor: upstream.vendor.vendor(of: reading.model),
                    vendorIsDeclared: upstream.vendor.isDeclared, model: reading.model ?? "", usage: usage,
                    cost: cost,
                    isRehearsed: upstream.isRehearsal)))
        if reading.usage == nil {
            unmetered(
                reading.model,
                isCut ? "the answer was cut off before it stated its usage" : "the answer states no usage")
        } else if !reading.isComplete {
            unmetered(reading.model, "the answer was cut off; its usage is what it stated until then")
        } else {
            service.ledger.learn(tokens: usage.total - usage.output, bytes: request.body.count)
            if cost == nil { noteUnpriced(reading.model ?? "") }
        }
        // What was not stated is estimated for the limit, and only for it: else a client could spend without
        // end by hanging up early.
        settle(
            cost: reading.isComplete
                ? cost ?? .zero : max(cost ?? .zero, estimate(reading, bytes: meter.bytesSeen)))
    }

    /// A request that got no answer. One that may have reached the model counts for what was reserved, or a
    /// client could spend without end by hanging up before the answer begins.
    private func settleUnanswered(_ part: HTTPClientError.Part) {
        switch part {
        case .request, .resolve, .connect, .tls, .library: settle(cost: .zero)
        case .timeout, .closed, .tooLarge, .answer, .cancelled:
            settle(cost: reservation)
            if route.endpoint.isMetered {
                unmetered(request.model, "it was asked for, and no answer was waited for or came")
            }
        }
    }

    private func estimate(_ reading: MeteredUsage, bytes: Int) -> Money {
        guard let model = reading.model ?? request.model else { return .zero }
        var usage =
            reading.usage ?? TokenUsage(input: service.ledger.estimatedInput(ofBytes: request.body.count))
        usage.output = max(usage.output, Int64(bytes / 4))
        return service.configuration.prices.cost(of: usage, model: model) ?? .zero
    }

    private func noteUnpriced(_ model: String) {
        guard service.isFirstUnpriced(model) else { return }
        let consequence = service.configuration.spendLimit == nil ? "" : "; the spend limit does not cover it"
        unmetered(model, "the model has no price in the table\(consequence)")
    }

    private func unmetered(_ model: String?, _ reason: String) {
        service.observe(.unmetered(upstream: route.upstream.name, model: model, reason: reason))
    }

    private func settle(cost: Money) {
        guard let reservation = open else { return }
        open = nil
        service.ledger.settle(reservation, cost: cost)
    }

    private func reportFailure(status: Int?, _ message: String) {
        service.observe(
            .upstreamFailed(
                upstream: route.upstream.name, status: status, message: redactor.redacted(message).inOneLine))
    }
}
