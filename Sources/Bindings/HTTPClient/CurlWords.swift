import CCurl

/// What may be written into a request, and what libcurl's codes mean.
extension CurlTransfer {
    /// `scheme://host:port` or the socket's path: never a path, a query or a user's name.
    static func serverName(of request: HTTPClientRequest) -> String {
        if let path = request.unixSocketPath { return path }
        var rest = Substring(request.url)
        var scheme: Substring = ""
        if let mark = rest.firstRange(of: "://") {
            scheme = rest[..<mark.upperBound]
            rest = rest[mark.upperBound...]
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        return "\(scheme)\(rest)"
    }

    static func isPlain(_ url: String) -> Bool {
        url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    /// A token of RFC 9110: a method or a header's name.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
    }

    /// `hasHeaders` tells a server that stopped in the middle of its answer from one that never gave any.
    static func part(of code: CURLcode, hasHeaders: Bool) -> HTTPClientError.Part {
        switch code {
        case CURLE_URL_MALFORMAT: .request
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_COULDNT_CONNECT: .connect
        // The only time limit set on libcurl itself is the one for connecting.
        case CURLE_OPERATION_TIMEDOUT: hasHeaders ? .timeout : .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_USE_SSL_FAILED:
            .tls
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .closed
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL: .answer
        default: hasHeaders ? .closed : .library
        }
    }
}
