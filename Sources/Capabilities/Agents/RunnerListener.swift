import FoundationEssentials
import Glibc
import Linux
import Synchronization
import Vocabulary

/// Serves the runner's control socket: streams the spool to those who attach, and takes answers in.
final class RunnerListener: Sendable {
    /// The server, a `watch` or two, and room for reconnections.
    static let clientsMax = 16
    /// A message to the agent is the longest thing a client says, each of its characters escaped at worst.
    static let requestBytesMax = 256 << 10

    private let listener: UnixListener
    private let spoolPath: String
    private let progress: SpoolProgress
    private let answer: @Sendable (RunnerRequest) async -> RunnerReply
    private let clients = Mutex(0)

    init(
        path: String, spoolPath: String, progress: SpoolProgress,
        answer: @escaping @Sendable (RunnerRequest) async -> RunnerReply
    ) throws(SystemError) {
        listener = try UnixListener(path: path, mode: 0o600)
        self.spoolPath = spoolPath
        self.progress = progress
        self.answer = answer
    }

    /// Serves until the task is cancelled.
    func serve() async {
        await withDiscardingTaskGroup { group in
            while let connection = await nextConnection() {
                group.addTask { [self] in
                    await converse(on: connection)
                    connection.close()
                    clients.withLock { $0 -= 1 }
                }
            }
            group.cancelAll()
        }
    }

    /// Removes the socket; nobody can connect any more.
    func close() { listener.close() }

    private func nextConnection() async -> Descriptor? {
        while !Task.isCancelled {
            do throws(SystemError) {
                let connection = try await listener.accept()
                // Only the session's own server may talk here, and root, who could anyway.
                let peer = try UnixListener.peerCredentials(of: connection)
                let isTrusted = peer.uid == SystemIdentity.effectiveUID || peer.uid == 0
                if isTrusted, takePlace() { return connection }
                connection.close()
            } catch {
                if error.isCancellation || error.code == EBADF { return nil }
                // A client that is gone already is its own affair. Out of descriptors passes; do not spin
                // until then.
                if error.code == EMFILE || error.code == ENFILE {
                    // Not a cause lost: cancellation is seen by the loop.
                    try? await ContinuousClock().sleep(for: .milliseconds(100))
                }
            }
        }
        return nil
    }

    private func takePlace() -> Bool {
        clients.withLock { clients in
            guard clients < Self.clientsMax else { return false }
            clients += 1
            return true
        }
    }

    private func converse(on connection: Descriptor) async {
        let requests = LineStream(reading: connection, lineBytesMax: Self.requestBytesMax)
        let writer = LineWriter(writing: connection)
        do throws(SystemError) {
            while let line = try await requests.next() {
                guard !line.wasTruncated, let request = Self.request(line.text) else {
                    try await writer.write(Self.text(.refused(reason: "the request cannot be understood")))
                    return
                }
                if case .attach(let after) = request {
                    await stream(after: after, to: writer, while: requests)
                    return
                }
                try await writer.write(Self.text(await answer(request)))
            }
        } catch {
            // The client went away; whatever it asked for has been recorded or not, and it can ask again.
            return
        }
    }

    /// Ends with the session, or when the client closes its side.
    private func stream(after: Int, to writer: LineWriter, while requests: LineStream) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await copySpool(after: after, to: writer) }
            group.addTask {
                // Not a cause lost: an error of the reading side is the end of the client, like its closing.
                while (try? await requests.next()).flatMap(\.self) != nil {}
            }
            await group.next()
            writer.descriptor.close()
            group.cancelAll()
        }
    }

    private func copySpool(after: Int, to writer: LineWriter) async {
        do {
            guard var reader = try SpoolReader(path: spoolPath) else { return }
            while !Task.isCancelled {
                let before = reader.lineCount
                for (index, line) in try reader.nextLines().enumerated() where before + index + 1 > after {
                    try await writer.write(String(decoding: line, as: UTF8.self))
                }
                guard reader.lineCount == before else { continue }
                guard await progress.more(than: reader.wholeBytes) else { return }
            }
        } catch {
            // The client is gone, or the spool is; the client reads the file itself and sees which.
            return
        }
    }

    private static func request(_ text: String) -> RunnerRequest? {
        // Not a cause lost: the client is told that it was not understood.
        try? JSONDecoder().decode(RunnerRequest.self, from: Data(text.utf8))
    }

    private static func text(_ reply: RunnerReply) -> String {
        switch reply {
        case .done: JSONText.write(["done": [:]])
        case .refused(let reason): JSONText.write(["refused": ["reason": .string(reason)]])
        }
    }
}
