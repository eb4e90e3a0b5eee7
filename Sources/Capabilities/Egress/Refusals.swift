import HTTPServer
import Vocabulary

/// An error of the gateway itself, in the shape in which the vendor would send it, so that any harness
/// understands it.
struct GatewayRefusal {
    let status: Int
    let type: String
    let code: String
    let message: String

    func response(dialect: ModelDialect?) -> HTTPResponse {
        let document: JSONValue =
            switch dialect {
            case .anthropicMessages, nil:
                ["type": "error", "error": ["type": .string(type), "message": .string(message)]]
            case .openaiResponses, .openaiChat:
                [
                    "error": [
                        "message": .string(message), "type": .string(type), "param": .null,
                        "code": .string(code),
                    ]
                ]
            }
        return HTTPResponse(
            status: status,
            headers: [
                HTTPField("Content-Type", "application/json"), HTTPField("x-should-retry", "false"),
                HTTPField("x-graftwork-refusal", code),
            ], body: .bytes(Array(JSONText.write(document).utf8)))
    }

    init(_ status: Int, type: String = "invalid_request_error", code: String, _ message: String) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
    }

    /// With the status that the harnesses of the dialect give up on at once, for a limit does not go away.
    ///
    /// Seen with the real programs: Claude Code 2.1.327 ends at a 402 and asks six times at a 400; Codex
    /// 0.163 ends at a 400 and asks six times, over seven seconds, at a 402 or 403.
    static func budget(limit: Money, spent: Money, dialect: ModelDialect) -> Self {
        let message =
            "graftwork: the spend limit of \(limit.inDollars) for this session is reached"
            + " (\(spent.inDollars) spent)."
        return switch dialect {
        case .anthropicMessages: Self(402, type: "billing_error", code: "insufficient_quota", message)
        case .openaiResponses, .openaiChat: Self(400, code: "insufficient_quota", message)
        }
    }

    static func upstreamUnreachable(_ name: String, _ cause: String) -> Self {
        Self(502, type: "api_error", code: "upstream_unreachable", "graftwork: upstream \(name): \(cause)")
    }

    init(_ refusal: GatewayRoute.Refusal) {
        switch refusal {
        case .badTarget(let flaw):
            self.init(400, code: "bad_target", "graftwork: the request's path cannot be used: \(flaw).")
        case .unknownUpstream(let name):
            self.init(
                404, type: "not_found_error", code: "unknown_upstream",
                "graftwork: there is no upstream named \(name.inOneLine).")
        case .endpointClosed(let upstream, let path):
            self.init(
                404, type: "not_found_error", code: "endpoint_closed",
                "graftwork: \(path.inOneLine) of upstream \(upstream) is not open to a session.")
        case .wrongMethod(let upstream, let method):
            self.init(
                405, code: "wrong_method",
                "graftwork: \(method.inOneLine) is not the method of this endpoint of upstream \(upstream).")
        }
    }

    init(_ flaw: ModelRequest.Flaw) {
        switch flaw {
        case .notAnObject:
            self.init(400, code: "not_json", "graftwork: the request's body is not one JSON object.")
        case .ambiguous:
            self.init(
                400, code: "ambiguous",
                "graftwork: the request's body repeats a member or spells one with an escape.")
        case .background:
            self.init(
                400, code: "background",
                "graftwork: background answers are not open to a session: they cannot be metered.")
        }
    }
}

extension Money {
    /// `$1.25`, with as many decimals as small amounts need.
    var inDollars: String {
        let cents = microdollars / 10_000
        if microdollars % 10_000 == 0 {
            return "$\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
        }
        let rest = String(microdollars % 1_000_000)
        return "$\(microdollars / 1_000_000).\(String(repeating: "0", count: max(0, 6 - rest.count)))\(rest)"
    }
}

extension String {
    /// A stranger's text for a message: bounded, printable, on one line.
    var inOneLine: String {
        let printable = unicodeScalars.prefix(300).map { scalar in
            scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                || (0x200b...0x200f).contains(scalar.value)
                || (0x2028...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                ? " " : Character(scalar)
        }
        return String(printable)
    }
}
