import ControlProtocol
import ControlServer
import Dispatch
import Glibc
import Linux
import Rehearsal
import Vocabulary

/// `graftwork-server rehearse SCRIPT --socket PATH`: plays a script on a unix socket until it is ended.
struct RehearseCommand {
    static let scriptBytesMax = 4 << 20
    let script: String
    let socket: String

    init(arguments: [String]) throws {
        guard arguments.count == 3, arguments[1] == "--socket" else {
            throw Problem(
                "rehearse takes a script and a socket.",
                hint: "graftwork-server rehearse SCRIPT --socket PATH",
                blame: .user, exitCode: .usage)
        }
        script = arguments[0]
        socket = arguments[2]
    }

    func run() async throws {
        let lockPath = socket + ".lock"
        guard let lock = try FileLock.tryAcquire(path: lockPath) else {
            throw Problem("\(socket) is served already.", blame: .environment)
        }
        let server = RehearsalServer(
            script: try RehearsalScript(
                yaml: try Files.readText(script, bytesMax: Self.scriptBytesMax), file: script))
        _ = try server.start(on: .unix(path: socket))
        FileHandleOutput.standardOutput("ready\n")
        await SignalWait.untilEnded()
        server.stop()
        lock.close()
    }
}

/// Waits for the signals that end a process.
enum SignalWait {
    static func untilEnded() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        for await _ in stream { break }
        for source in sources { source.cancel() }
    }
}
