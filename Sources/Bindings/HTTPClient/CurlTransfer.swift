import CCurl
import Glibc

/// libcurl is set up once for the whole process, before the first transfer.
private let libraryState: CURLcode = CCurl_globalInit()

/// One easy handle in a multi handle of its own, so that its thread alone drives it and its connection stays
/// with it.
///
/// `@unchecked Sendable`: Safe because a transfer is owned by one exchange, or by the client's list of idle
/// ones behind a mutex, and never by both; libcurl allows a handle to move between threads that do not use it
/// at once.
final class CurlTransfer: @unchecked Sendable {
    private let easy: UnsafeMutableRawPointer
    private let multi: OpaquePointer
    private var isAdded = false
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var bodyCopy: UnsafeMutableRawBufferPointer?

    private var server = ""
    private var limits = HTTPConnector.Limits()
    private var isCancelled: @Sendable () -> Bool = { false }
    private var lastMovement = ContinuousClock.now
    private var bytesSent: curl_off_t = 0

    private(set) var status = 0
    private(set) var headers: [(name: String, value: String)] = []
    private var hasHeaders = false
    private var headerBytes = 0
    private var received: Int64 = 0
    private var pending: [UInt8] = []
    private var result: CURLcode?
    private var overflow: String?

    /// How long one wait lasts before the caller is asked whether it still wants the answer.
    private let sliceMilliseconds: Int32 = 100

    init() throws(HTTPClientError) {
        guard libraryState == CURLE_OK, let easy = curl_easy_init() else {
            throw HTTPClientError(.library, server: "", message: "it cannot be initialised")
        }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw HTTPClientError(.library, server: "", message: "no multi handle")
        }
        self.easy = easy
        self.multi = OpaquePointer(multi)
    }

    deinit {
        detach()
        curl_easy_cleanup(easy)
        curl_multi_cleanup(UnsafeMutableRawPointer(multi))
    }

    // MARK: One exchange

    func begin(
        _ request: HTTPClientRequest, client: HTTPConnector, isCancelled: @escaping @Sendable () -> Bool
    ) throws(HTTPClientError) {
        detach()
        server = Self.serverName(of: request)
        limits = client.limits
        self.isCancelled = isCancelled
        (status, headers, hasHeaders, headerBytes) = (0, [], false, 0)
        (received, pending, result, overflow, bytesSent) = (0, [], nil, nil, 0)
        lastMovement = .now
        try configure(request, client: client)
        guard curl_multi_add_handle(UnsafeMutableRawPointer(multi), easy) == CURLM_OK else {
            throw HTTPClientError(.library, server: server, message: "the transfer was not accepted")
        }
        isAdded = true
    }

    func waitForHeaders() throws(HTTPClientError) {
        while !hasHeaders, result == nil { try drive() }
        if !hasHeaders {
            try settle()
            throw HTTPClientError(.closed, server: server, message: "no answer")
        }
    }

    func nextChunk() throws(HTTPClientError) -> [UInt8]? {
        while pending.isEmpty, result == nil { try drive() }
        if !pending.isEmpty {
            defer { pending = [] }
            return pending
        }
        try settle()
        detach()
        return nil
    }

    /// Moves what can be moved now; when nothing could be, waits for the sockets a moment.
    private func drive() throws(HTTPClientError) {
        let before = (received, headerBytes)
        try perform()
        if result != nil || (received, headerBytes) != before {
            lastMovement = .now
            return
        }
        var sent: curl_off_t = 0
        if CCurl_getSize(easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK, sent != bytesSent {
            bytesSent = sent
            lastMovement = .now
        }
        if isCancelled() { throw HTTPClientError(.cancelled, server: server, message: "") }
        if lastMovement.duration(to: .now) > .seconds(limits.idleSeconds) {
            throw HTTPClientError(.timeout, server: server, message: "no byte for \(limits.idleSeconds) s")
        }
        curl_multi_poll(UnsafeMutableRawPointer(multi), nil, 0, sliceMilliseconds, nil)
    }

    private func perform() throws(HTTPClientError) {
        var running: Int32 = 0
        guard curl_multi_perform(UnsafeMutableRawPointer(multi), &running) == CURLM_OK else {
            throw HTTPClientError(.library, server: server, message: "the transfer could not be driven")
        }
        var left: Int32 = 0
        while let message = curl_multi_info_read(UnsafeMutableRawPointer(multi), &left) {
            if message.pointee.msg == CURLMSG_DONE { result = CCurl_messageResult(message) }
        }
    }

    /// Turns how the transfer ended into nothing or an error.
    private func settle() throws(HTTPClientError) {
        guard let result, result != CURLE_OK else { return }
        if let overflow { throw HTTPClientError(.tooLarge, server: server, message: overflow) }
        throw HTTPClientError(
            Self.part(of: result, hasHeaders: hasHeaders), server: server,
            message: String(cString: curl_easy_strerror(result)))
    }

    private func detach() {
        if isAdded { curl_multi_remove_handle(UnsafeMutableRawPointer(multi), easy) }
        isAdded = false
        curl_easy_reset(easy)
        curl_slist_free_all(headerList)
        headerList = nil
        bodyCopy?.deallocate()
        bodyCopy = nil
        isCancelled = { false }
    }

    // MARK: Settings

    private func configure(_ request: HTTPClientRequest, client: HTTPConnector) throws(HTTPClientError) {
        guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://"),
            Self.isPlain(request.url),
            Self.isToken(request.method)
        else { throw HTTPClientError(.request, server: server, message: "its method or URL is not valid") }
        var codes = [
            CCurl_setString(easy, CURLOPT_URL, request.url),
            CCurl_setString(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
            CCurl_setLong(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            CCurl_setLong(easy, CURLOPT_PATH_AS_IS, 1),
            CCurl_setLong(easy, CURLOPT_FOLLOWLOCATION, 0),
            CCurl_setLong(easy, CURLOPT_NOSIGNAL, 1),
            CCurl_setLong(easy, CURLOPT_TCP_NODELAY, 1),
            CCurl_setLong(easy, CURLOPT_SSL_VERIFYPEER, 1),
            CCurl_setLong(easy, CURLOPT_SSL_VERIFYHOST, 2),
            CCurl_setLong(easy, CURLOPT_CONNECTTIMEOUT, client.limits.connectSeconds),
            // An empty name is no proxy at all; without it libcurl would read the environment.
            CCurl_setString(easy, CURLOPT_PROXY, client.proxy ?? ""),
            CCurl_setString(easy, CURLOPT_UNIX_SOCKET_PATH, request.unixSocketPath),
        ]
        if let file = client.authoritiesFile {
            codes.append(CCurl_setString(easy, CURLOPT_CAINFO, file))
            codes.append(CCurl_setString(easy, CURLOPT_CAPATH, nil))
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        codes.append(CCurl_setCallback(easy, CURLOPT_HEADERFUNCTION, Self.headerCallback))
        codes.append(CCurl_setPointer(easy, CURLOPT_HEADERDATA, context))
        codes.append(CCurl_setCallback(easy, CURLOPT_WRITEFUNCTION, Self.bodyCallback))
        codes.append(CCurl_setPointer(easy, CURLOPT_WRITEDATA, context))
        try setBody(request, &codes)
        try setHeaders(request, &codes)
        guard codes.allSatisfy({ $0 == CURLE_OK }) else {
            throw HTTPClientError(.library, server: server, message: "a setting was not accepted")
        }
    }

    private func setBody(_ request: HTTPClientRequest, _ codes: inout [CURLcode]) throws(HTTPClientError) {
        if let body = request.body {
            // libcurl reads the body where it lies, for as long as the transfer lasts.
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, body.count), alignment: 1)
            copy.copyBytes(from: body)
            bodyCopy = copy
            codes.append(CCurl_setLong(easy, CURLOPT_POST, 1))
            codes.append(CCurl_setSize(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            codes.append(CCurl_setPointer(easy, CURLOPT_POSTFIELDS, copy.baseAddress))
        }
        if request.method == "HEAD" {
            codes.append(CCurl_setLong(easy, CURLOPT_NOBODY, 1))
        } else if request.method != (request.body == nil ? "GET" : "POST") {
            codes.append(CCurl_setString(easy, CURLOPT_CUSTOMREQUEST, request.method))
        }
    }

    private func setHeaders(_ request: HTTPClientRequest, _ codes: inout [CURLcode]) throws(HTTPClientError) {
        var lines: [String] = []
        var names: Set<String> = []
        for (name, value) in request.headers {
            guard Self.isToken(name), Self.isFieldValue(value) else {
                throw HTTPClientError(.request, server: server, message: "a header is not valid")
            }
            names.insert(name.lowercased())
            // libcurl's spelling of an empty value.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // A name with nothing behind the colon keeps libcurl from adding the header on its own account.
        for name in ["Accept", "Content-Type", "Expect"] where !names.contains(name.lowercased()) {
            lines.append("\(name):")
        }
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else {
                throw HTTPClientError(.library, server: server, message: "out of memory")
            }
            headerList = longer
        }
        codes.append(CCurl_setPointer(easy, CURLOPT_HTTPHEADER, headerList))
    }

    // MARK: Callbacks

    private static let headerCallback: CCurl_Callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
            ? size * count : 0
    }

    private static let bodyCallback: CCurl_Callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= limits.headerBytesMax else {
            overflow = "its headers have more than \(limits.headerBytesMax) bytes"
            return false
        }
        guard !hasHeaders else { return true }  // Trailers after the body: nobody asked for them.
        var line = Substring(String(decoding: bytes, as: UTF8.self))
        while let last = line.unicodeScalars.last, last == "\r" || last == "\n" {
            line.unicodeScalars.removeLast()
        }
        if line.hasPrefix("HTTP/") {
            // A new status line: what came before was a 1xx, or a proxy's own answer.
            headers = []
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if line.isEmpty {
            hasHeaders = status >= 200
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers.append((String(line[..<colon]), String(value)))
        }
        return true
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        received += Int64(bytes.count)
        guard received <= limits.answerBytesMax else {
            overflow = "it has more than \(limits.answerBytesMax) bytes"
            return false
        }
        pending.append(contentsOf: bytes)
        return true
    }
}
