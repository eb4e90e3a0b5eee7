import Agents
import Fixtures
import Foundation
import Glibc
import Harnesses
import Linux
import Synchronization
import Testing
import Vocabulary

/// Whatever a program in the sandbox writes: the runner's memory and its record stay within their bounds, and
/// the session ends in one of the ways there are.
@Suite("What a hostile program writes", .timeLimit(.minutes(10))) struct HostileOutputTests {
    /// All a runner may ever hold, most of it program and libraries.
    private static let runnerBytesMax = 100 << 20

    struct Seen {
        var events: [SessionEvent]
        var spoolBytes: Int
        var outcome: SessionOutcome
    }

    /// Runs a session to its end; watches the runner's memory meanwhile, from before its program begins.
    private func run(
        _ kind: HarnessKind, _ script: String, prompt: String? = nil,
        _ place: SourceLocation = #_sourceLocation
    ) async throws -> Seen {
        // It waits without executing anything, or its record would grow with the time that takes.
        let session = try RealSession(kind, "read -r go <go\n\(script)")
        let gate = session.folder.path("tree/go")
        try #require(mkfifo(gate, 0o644) == 0)
        try #require(chmod(gate, 0o644) == 0)
        var specification = session.specification
        if let prompt { specification.prompt = prompt }
        let handle = try await session.host.start(specification, keys: RealSession.keys)
        let control = try UnixSocket.connect(path: session.files.controlSocket)
        let peak = Peak(of: try UnixListener.peerCredentials(of: control).pid)
        control.close()
        await peak.begin()
        // Opened for both, so that neither side waits for the other.
        let opened = try Descriptor.open(gate, flags: O_RDWR | O_CLOEXEC)
        try await opened.write([UInt8(ascii: "\n")])
        var events: [SessionEvent] = []
        for try await entry in handle.events() { events.append(entry.event) }
        opened.close()
        let bytes = await peak.highest()
        // Nothing seen would prove nothing.
        #expect(
            bytes > 1 << 20 && bytes < Self.runnerBytesMax, "\(bytes >> 20) MiB", sourceLocation: place)
        guard case .ended(let outcome) = events.last else {
            throw AgentError.runnerLost(session: handle.session)
        }
        try await wait { try session.processes().isEmpty }
        return Seen(
            events: events, spoolBytes: Int(try Files.status(of: session.files.spool).st_size),
            outcome: outcome)
    }

    /// The most memory a process was seen to hold (`VmHWM`), looked at until it is gone, on a thread of its
    /// own: on the one that tests share it would look when all is over.
    private final class Peak: Sendable {
        private let seen = Mutex(0)
        private let pid: Int32
        private let watching = Mutex<Task<Void, Never>?>(nil)
        init(of pid: Int32) { self.pid = pid }

        /// Returns after the first look.
        func begin() async {
            _ = await runBlocking { self.look() }
            let task = Task { await runBlocking { while self.look() { usleep(2_000) } } }
            watching.withLock { $0 = task }
        }
        func highest() async -> Int {
            await watching.withLock { $0 }?.value
            return seen.withLock { $0 }
        }

        /// False when the process is gone.
        private func look() -> Bool {
            // Not a cause lost: a process that is gone has no more to say.
            guard let text = try? Files.readText("/proc/\(pid)/status", bytesMax: 64 << 10),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
                let kibibytes = Int(line.drop { !$0.isNumber }.prefix { $0.isNumber })
            else { return false }
            seen.withLock { $0 = max($0, kibibytes << 10) }
            return true
        }
    }

    private static func garbage(_ words: String) -> (SessionOutcome.Ending) -> Bool {
        { ending in
            guard case .failed(.garbage, let message) = ending else { return false }
            return message.contains(words)
        }
    }

    @Test("a line of 100 MB ends the session as garbage", arguments: [HarnessKind.acp, .command])
    func longLine(_ kind: HarnessKind) async throws {
        let seen = try await run(kind, "head -c 104857600 /dev/zero | tr '\\0' x; sleep 1000")
        #expect(Self.garbage("a line longer than")(seen.outcome.result), "\(seen.outcome)")
        #expect(seen.spoolBytes < 64 << 10)
    }

    @Test(
        "a million lines ends the session as garbage, valid or not", arguments: [HarnessKind.acp, .command])
    func manyLines(_ kind: HarnessKind) async throws {
        let valid =
            #"{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"plan"}}}"#
        let seen = try await run(kind, "yes '\(valid)' | head -n 1000000; sleep 1000")
        #expect(Self.garbage("more than")(seen.outcome.result), "\(seen.outcome)")
        #expect(seen.spoolBytes < 64 << 10)
    }

    @Test("binary noise ends the session as garbage", arguments: [HarnessKind.acp, .command])
    func noise(_ kind: HarnessKind) async throws {
        let seen = try await run(kind, "head -c 52428800 /dev/urandom; sleep 1000")
        #expect(Self.garbage("printed")(seen.outcome.result), "\(seen.outcome)")
        #expect(seen.spoolBytes < 1 << 20)
    }

    @Test("escapes, bidi marks, NULs and bytes that are no UTF-8 are recorded as what they are, in letters")
    func escapes() async throws {
        let bytes = #"\033[2J\033]0;title\007 a\000b \342\200\256evil \377\376 \233end \357\273\277"#
        let seen = try await run(.command, "printf '\(bytes)\\n'; printf '\(bytes)' >&2; exit 0")
        let said = seen.events.compactMap { if case .said(let text) = $0 { text } else { nil } }.joined()
        #expect(said.contains("\\u{1b}[2J") && said.contains("\\u{202e}evil") && said.contains("\\u{0}"))
        #expect(Self.isVisible(said), "\(said.debugDescription)")
    }

    @Test("what it says last on stderr is bounded and escaped, too")
    func lastWords() async throws {
        let seen = try await run(.command, "printf 'x\\033[2J\\342\\200\\256y' >&2; exit 3")
        guard case .failed(.crashed, let message) = seen.outcome.result else {
            Issue.record("\(seen.outcome)")
            return
        }
        #expect(
            message.contains("\\u{1b}[2J\\u{202e}y") && Self.isVisible(message), "\(message.debugDescription)"
        )
    }

    private static func isVisible(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar == "\t"
                || !(scalar.properties.generalCategory == .control
                    || scalar.properties.generalCategory == .format)
        }
    }

    @Test("stderr without end is read and forgotten but for its end, and ends with the session")
    func endlessErrors() async throws {
        let quiet = try await run(
            .command, "yes spam >&2 & head -c 20971520 /dev/zero >&2; echo done")
        #expect(quiet.outcome.result == .completed(text: "done", structured: nil))
        let loud = try await run(.acp, "head -c 20971520 /dev/zero | tr '\\0' y >&2; exit 3")
        guard case .failed(.crashed, let message) = loud.outcome.result else {
            Issue.record("\(loud.outcome)")
            return
        }
        #expect(message.hasPrefix("The harness ended with exit status 3") && message.utf8.count < 3 << 10)
        #expect(loud.spoolBytes < 64 << 10)
    }

    @Test("one that never reads its stdin ends as it likes; what it was to be told is dropped")
    func neverReads() async throws {
        let seen = try await run(.command, "echo done", prompt: String(repeating: "x", count: 8 << 20))
        #expect(seen.outcome.result == .completed(text: "done", structured: nil))
    }

    @Test(
        "two hundred execs with long command lines leave most of the record free, and say what was left out")
    func manyExecs() async throws {
        let seen = try await run(
            .command,
            """
            x=$(head -c 3000 /dev/zero | tr '\\0' x); i=0
            set -- $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x
            while [ $i -lt 200 ]; do /bin/true "$@"; i=$((i+1)); done; echo done
            """)
        #expect(seen.outcome.result == .completed(text: "done", structured: nil))
        let execs = seen.events.compactMap { event -> ExecutedProgram? in
            if case .executed(let program, _) = event, program.path == "/bin/true" { program } else { nil }
        }
        #expect(execs.count == 200)
        #expect(execs.first?.argumentCount == 21)
        #expect(seen.spoolBytes < 200 * 3 << 10, "\(seen.spoolBytes)")
    }
}
