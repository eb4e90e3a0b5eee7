/// An answer whose headers are there and whose body is read chunk by chunk.
///
/// Used by one thread at a time. Letting go of it before the end closes its connection.
package final class HTTPExchange {
    package let status: Int
    package let headers: [(name: String, value: String)]
    private var transfer: CurlTransfer?
    private let client: HTTPConnector

    init(transfer: CurlTransfer, client: HTTPConnector) {
        self.status = transfer.status
        self.headers = transfer.headers
        self.transfer = transfer
        self.client = client
    }

    /// The first header of that name, letter case ignored.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The next bytes as soon as there are any; nil at the end of the body.
    package func readChunk() throws(HTTPClientError) -> [UInt8]? {
        guard let transfer else { return nil }
        do {
            if let chunk = try transfer.nextChunk() { return chunk }
        } catch {
            self.transfer = nil
            throw error
        }
        self.transfer = nil
        client.keep(transfer)
        return nil
    }

    /// The rest of the body.
    package func readAll() throws(HTTPClientError) -> [UInt8] {
        var all: [UInt8] = []
        while let chunk = try readChunk() { all += chunk }
        return all
    }

    /// Closes the connection now; reading then returns nil.
    package func cancel() {
        transfer = nil
    }
}
