import Agents
import Fixtures
import Glibc
import Linux
import Synchronization
import Testing
import Vocabulary

/// A patience that knows no time: it counts its pauses, and does something at one of them.
private final class Pauses: Sendable {
    private let count = Mutex(0)
    private let troubles = Mutex<[AgentError]>([])
    private let after: Int
    private let act: @Sendable () throws -> Void

    init(after: Int = .max, _ act: @escaping @Sendable () throws -> Void = {}) {
        self.after = after
        self.act = act
    }

    var told: [AgentError] { troubles.withLock { $0 } }

    func patience(
        looks: Int = 3, unreadable: @escaping @Sendable () async -> Void = {}
    ) -> SpoolPatience {
        var patience = SpoolPatience()
        patience.looks = looks
        patience.pause = { [self] in
            let passed = count.withLock { count in
                count += 1
                return count
            }
            if passed == after {
                do { try act() } catch { Issue.record(error) }
            }
            // The runner works meanwhile.
            await Task.yield()
        }
        patience.unreadable = { [self] error in
            troubles.withLock { $0.append(error) }
            await unreadable()
        }
        return patience
    }
}

/// A session's directory without a runner.
private struct Record {
    let folder: TemporaryFolder
    let files: SessionFiles
    let handle: RunnerHandle
    let writer: SpoolWriter

    init() throws {
        folder = try TemporaryFolder()
        files = SessionFiles(directory: folder.path)
        handle = RunnerHandle(session: SessionID("s"), directory: folder.path)
        writer = try SpoolWriter(path: files.spool, bounds: SessionBounds(), progress: SpoolProgress())
    }

    static let ended = SessionEvent.ended(
        outcome: SessionOutcome(
            result: .completed(text: "done", structured: nil)))
}

/// Writes a line that no version of this program can read at the end of a file.
private func damage(_ path: String) throws {
    let file = try Descriptor.open(path, flags: O_WRONLY | O_APPEND)
    defer { file.close() }
    _ = try file.withRawValue("write") { write($0, "{\"n\":\n", 6) }
}

@Suite("The entries of a session", .timeLimit(.minutes(10))) struct SpoolEntriesTests {
    @Test("are read once each from the file, however many there are") func once() async throws {
        let record = try Record()
        for number in 1...2_000 {
            _ = try record.writer.append(.noticed(text: "\(number) \(String(repeating: "x", count: 100))"))
        }
        _ = try record.writer.append(Record.ended)
        let file = open(record.files.spool, O_RDWR)
        defer { close(file) }
        let lines = try Files.readText(record.files.spool, bytesMax: 1 << 20).split(separator: "\n")
        var (numbers, offset) = ([Int](), 0)
        for try await entry in record.handle.events() {
            numbers.append(entry.n)
            // What was given is no entry any more; who reads it again stumbles.
            #expect(pwrite(file, "#", 1, off_t(offset)) == 1)
            offset += lines[entry.n - 1].utf8.count + 1
        }
        #expect(numbers == Array(1...2_001))
    }

    @Test("go on after any number, and end at once where nothing follows it") func after() async throws {
        let record = try Record()
        for _ in 1...3 { _ = try record.writer.append(.heard(message: 1)) }
        _ = try record.writer.append(Record.ended)
        var numbers: [[Int]] = []
        for number in 0...4 {
            var seen: [Int] = []
            for try await entry in record.handle.events(after: number) { seen.append(entry.n) }
            numbers.append(seen)
        }
        #expect(numbers == [[1, 2, 3, 4], [2, 3, 4], [3, 4], [4], []])
    }

    @Test("come from the file for as long as a runner lives that lets nobody in") func noWayIn() async throws
    {
        let record = try Record()
        let lock = try #require(try FileLock.tryAcquire(path: record.files.lock))
        let line = try JSONText.line(encoding: SpoolEntry(n: 1, at: 0, event: Record.ended))
        let folder = record.folder
        let pauses = Pauses(after: 1_000) { try folder.write("spool.jsonl", line + "\n") }
        var seen: [SessionEvent] = []
        for try await entry in record.handle.events(patience: pauses.patience()) { seen.append(entry.event) }
        #expect(seen == [Record.ended])
        #expect(pauses.told == [])
        lock.close()
    }

    @Test("are given up to the damaged line of a runner that died, and the line is named")
    func damaged() async throws {
        let record = try Record()
        for _ in 1...3 { _ = try record.writer.append(.heard(message: 1)) }
        try damage(record.files.spool)
        var numbers: [Int] = []
        await #expect(
            throws: AgentError.directoryUnusable(path: record.files.spool, cause: "line 4 is damaged")
        ) {
            for try await entry in record.handle.events() { numbers.append(entry.n) }
        }
        #expect(numbers == [1, 2, 3])
    }

    @Test(
        "wait while the lock or the record of a runner at work cannot be opened, and then go on",
        arguments: ["runner.lock", "spool.jsonl"])
    func shut(file: String) async throws {
        let session = try RealSession(.acp, acpScript("say working; ask 5 x; sleep 100000"))
        let handle = try await session.start()
        let path = "\(session.files.directory)/\(file)"
        // Nobody follows a link there: to every reader, root too, the file cannot be opened.
        try rename(path, "\(path).kept")
        #expect(symlink("\(path).kept", path) == 0)
        // No way around the file either.
        try rename(session.files.controlSocket, "\(session.files.controlSocket).kept")
        let pauses = Pauses(after: 30) {
            try rename("\(session.files.controlSocket).kept", session.files.controlSocket)
            try rename("\(path).kept", path)
        }
        var outcome: SessionOutcome?
        for try await entry in handle.events(patience: pauses.patience(looks: 10)) {
            if case .started = entry.event { await handle.stop() }
            if case .ended(let end) = entry.event { outcome = end }
        }
        #expect(outcome?.result == .failed(reason: .stopped, message: "It was stopped."))
        let trouble = AgentError.directoryUnusable(path: path, cause: SystemError.text(of: ELOOP))
        #expect(pauses.told.starts(with: [trouble, trouble]))
    }

    @Test("end only with the runner where a line cannot be read, and whoever reads them may stop it")
    func damagedAtWork() async throws {
        let session = try RealSession(.acp, acpScript("say working; ask 5 x; sleep 100000"))
        let handle = try await session.start()
        try damage(session.files.spool)
        let pauses = Pauses()
        let entries = handle.events(patience: pauses.patience { await handle.stop() })
        await #expect(throws: AgentError.self) { for try await _ in entries {} }
        #expect(try !session.files.lockIsHeldByAnyone())
        #expect(try session.processes() == [])
        #expect(pauses.told.count >= 1)
    }
}

private func rename(_ old: String, _ new: String) throws {
    guard Glibc.rename(old, new) == 0 else { throw SystemError(call: "rename", subject: old) }
}
