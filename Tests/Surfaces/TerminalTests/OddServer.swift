import Fixtures
import Linux

/// Answers every connection with one line that is not of the protocol.
final class OddServer: Sendable {
    let folder: TemporaryFolder
    var socket: String { folder.path("s") }
    private let listener: UnixListener

    init(answering line: String) throws {
        folder = try TemporaryFolder()
        listener = try UnixListener(path: folder.path("s"))
        let listener = listener
        Task {
            while let connection = try? await listener.accept() {
                try? await LineWriter(writing: connection).write(line)
                _ = try? await LineStream(reading: connection, lineBytesMax: 1 << 20).next()
                connection.close()
            }
        }
    }

    func stop() {
        listener.close()
    }
}
