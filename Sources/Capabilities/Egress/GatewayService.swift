import HTTPClient
import HTTPServer
import Synchronization
import Vocabulary

/// Answers one request after the other, each on its connection's own thread.
final class GatewayService: Sendable {
    let configuration: GatewayConfiguration
    let ledger: SpendLedger
    let observe: @Sendable (GatewayEvent) -> Void
    private let client: HTTPConnector
    private let lastActivity = Mutex<ContinuousClock.Instant?>(nil)
    private let unpricedModels = Mutex<Set<String>>([])

    init(configuration: GatewayConfiguration, observe: @escaping @Sendable (GatewayEvent) -> Void) {
        self.configuration = configuration
        self.observe = observe
        self.ledger = SpendLedger(limit: configuration.spendLimit, spentBefore: configuration.spentBefore)
        let limits = configuration.limits
        self.client = HTTPConnector(
            limits: .init(
                connectSeconds: limits.connectSeconds, idleSeconds: limits.silenceSeconds,
                answerBytesMax: limits.answerBytesMax))
    }

    func checkUpstreams() throws(EgressError) {
        for upstream in configuration.upstreams {
            _ = try UpstreamAddress(of: upstream, hasKey: configuration.keys[upstream.name] != nil)
        }
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        noteActivity()
        let found = GatewayRoute.find(
            method: request.method, target: request.target, in: configuration.upstreams)
        guard let route = found.route else {
            return refuse(
                found.refusal.map(GatewayRefusal.init)
                    ?? GatewayRefusal(404, code: "refused", "graftwork: refused"), nil)
        }
        let encoding = request.headers.value(of: "content-encoding")?.lowercased() ?? "identity"
        let read = ModelRequest.read(
            request.body, endpoint: route.endpoint, upstream: route.upstream,
            isEncoded: encoding != "identity")
        guard let model = read.request else {
            return refuse(GatewayRefusal(read.flaw ?? .notAnObject), route.upstream)
        }
        let pass: GatewayPass
        do {
            pass = GatewayPass(
                service: self, route: route, request: model, key: configuration.keys[route.upstream.name],
                address: try UpstreamAddress(
                    of: route.upstream, hasKey: configuration.keys[route.upstream.name] != nil))
        } catch {
            return refuse(
                GatewayRefusal(502, type: "api_error", code: "upstream_unusable", "graftwork: \(error)"),
                route.upstream)
        }
        while true {
            switch ledger.admit(reserving: pass.reservation) {
            case .admitted(let reservation):
                return pass.forward(request, client: client, reservation: reservation)
            case .refused(let limit, let spent):
                observe(.budgetReached(limit: limit, spent: spent))
                let dialect = route.upstream.dialect
                return GatewayRefusal.budget(limit: limit, spent: spent, dialect: dialect).response(
                    dialect: dialect)
            case .wait:
                // Another request is about to be settled. Whoever has gone away meanwhile needs no answer.
                guard !request.connection.waitUntilClosed(milliseconds: 20) else {
                    return HTTPResponse(status: 499)
                }
            }
        }
    }

    private func refuse(_ refusal: GatewayRefusal, _ upstream: Upstream?) -> HTTPResponse {
        observe(.refused(upstream: upstream?.name ?? "", reason: refusal.message))
        return refusal.response(dialect: upstream?.dialect)
    }

    /// Reports that bytes moved, about once a second.
    func noteActivity() {
        let now = ContinuousClock.now
        let isDue = lastActivity.withLock { last in
            if let last, last.duration(to: now) < .seconds(1) { return false }
            last = now
            return true
        }
        if isDue { observe(.activity) }
    }

    /// True the first time a model without a price is seen.
    func isFirstUnpriced(_ model: String) -> Bool {
        unpricedModels.withLock { $0.count < 1000 && $0.insert(model).inserted }
    }
}
