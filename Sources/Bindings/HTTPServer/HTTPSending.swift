import CMicroHTTPD
import Glibc

/// Hands an answer to libmicrohttpd. `.NO` makes it cut the connection.
func send(_ answer: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
    let response: OpaquePointer?
    switch answer.body {
    case .bytes(let bytes):
        response = bytes.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
    case .stream(let next, let ended):
        let source = StreamSource(next: next, ended: ended)
        response = MHD_create_response_from_callback(
            UInt64.max, streamBlockBytes, StreamSource.read, Unmanaged.passRetained(source).toOpaque(),
            StreamSource.release)
        if response == nil { ended() }
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }  // It is counted: the connection keeps its own reference.
    for field in answer.headers {
        // A name or value that cannot be sent (a line break in it) is left out by libmicrohttpd.
        _ = MHD_add_response_header(response, field.name, field.value)
    }
    return MHD_queue_response(connection, UInt32(clamping: answer.status), response)
}

private let streamBlockBytes = 32 << 10

/// Feeds a streamed body to libmicrohttpd. Touched only by its connection's thread.
private final class StreamSource {
    private let next: @Sendable () throws -> [UInt8]?
    private let ended: @Sendable () -> Void
    private var rest: ArraySlice<UInt8> = []

    init(next: @escaping @Sendable () throws -> [UInt8]?, ended: @escaping @Sendable () -> Void) {
        self.next = next
        self.ended = ended
    }

    static let read: MHD_ContentReaderCallback = { context, _, buffer, room in
        guard let context, let buffer else { return -2 }
        return Unmanaged<StreamSource>.fromOpaque(context).takeUnretainedValue().fill(buffer, room)
    }

    static let release: MHD_ContentReaderFreeCallback = { context in
        guard let context else { return }
        Unmanaged<StreamSource>.fromOpaque(context).takeRetainedValue().ended()
    }

    /// The values -1 and -2 are libmicrohttpd's END_OF_STREAM and END_WITH_ERROR, macros that do not reach
    /// Swift.
    private func fill(_ buffer: UnsafeMutablePointer<CChar>, _ room: Int) -> Int {
        while rest.isEmpty {
            do {
                guard let piece = try next() else { return -1 }
                rest = piece[...]
            } catch {
                return -2  // The cause is the source's to tell; the client sees a body that is cut off.
            }
        }
        let count = min(room, rest.count)
        rest.prefix(count).withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            memcpy(buffer, base, count)
        }
        rest = rest.dropFirst(count)
        return count
    }
}
