import ControlProtocol
import Fixtures
import Foundation
import Linux
import Synchronization
import Vocabulary

@testable import Terminal

/// Speaks the protocol on a unix socket in a folder of its own, answering by a script.
final class FakeServer: Sendable {
    /// What to do with one connection's request: send replies, then end with `done`, `problem` or silence.
    struct Answer: Sendable {
        var replies: [ControlReply]
        /// After the replies: close without a last line, as a server that dies does.
        var breaksOff = false
        /// After the replies: keep the connection open until the client leaves.
        var stays = false

        static func done(_ replies: ControlReply..., exit: ExitCode = .done) -> Answer {
            Answer(replies: replies + [.done(exit: exit)])
        }
        static func problem(_ problem: Problem) -> Answer { Answer(replies: [.problem(problem: problem)]) }
    }
    typealias Script = @Sendable (ControlRequest, Int) async -> Answer

    let folder: TemporaryFolder
    var socket: String { folder.path("s") }
    private let listener: UnixListener
    private let requests = Mutex<[ControlRequest]>([])
    private let serving: Mutex<Task<Void, Never>?> = Mutex(nil)

    /// - Parameter script: Gets the request and how many came before it.
    init(_ script: @escaping Script) throws {
        folder = try TemporaryFolder()
        listener = try UnixListener(path: folder.path("s"))
        let listener = listener
        let task = Task { [weak self] in
            while let connection = try? await listener.accept() {
                Task { [weak self] in await self?.answer(connection, script) }
            }
        }
        serving.withLock { $0 = task }
    }

    var received: [ControlRequest] { requests.withLock { $0 } }

    func stop() {
        serving.withLock { $0?.cancel() }
        listener.close()
    }

    private func answer(_ connection: Descriptor, _ script: Script) async {
        defer { connection.close() }
        let lines = LineStream(reading: connection, lineBytesMax: 1 << 20)
        guard let line = try? await lines.next(),
            let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line.text.utf8))
        else { return }
        let count = requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        let answer = await script(request, count)
        let writer = LineWriter(writing: connection)
        for reply in answer.replies {
            guard let data = try? JSONEncoder().encode(reply),
                (try? await writer.write(String(decoding: data, as: UTF8.self))) != nil
            else { return }
        }
        if answer.stays { _ = try? await lines.next() }
    }

    /// A context whose commands talk to this server.
    func context(_ console: FakeConsole, directory: String = "/repo", asJSON: Bool = false) -> CommandContext
    {
        let locations = Locations(
            environment: ["XDG_STATE_HOME": folder.path, "XDG_RUNTIME_DIR": folder.path], home: folder.path,
            isRoot: false)
        return CommandContext(
            console: console.console, environment: ["PATH": "/usr/bin:/bin", "SECRET": "1"],
            directory: directory,
            locations: locations, files: InstalledFiles(folder: folder.path),
            client: ServerClient(socket: socket) { () async throws(Problem) in
                throw Problem("This test starts no server.")
            },
            person: "ada", asJSON: asJSON)
    }

    /// Runs a command line against this server.
    func run(_ words: String..., console: FakeConsole, directory: String = "/repo") async throws -> ExitCode {
        guard case .command(let command) = try ArgumentParser(commands: CommandTable.commands).parse(words)
        else {
            throw Problem("That is no command.")
        }
        return try await TerminalProgram.perform(
            command, context(console, directory: directory, asJSON: command.has("json")))
    }
}
