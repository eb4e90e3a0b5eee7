import ChildProcess
import Fixtures
import Foundation
import Glibc
import Journal
import Linux
import SQLite
import Testing
import Vocabulary

@Suite("A journal in trouble", .timeLimit(.minutes(10)))
struct DurabilityTests {
    /// The environment in which this same test program is an appender and not a test.
    private static let appenderKey = "GRAFTWORK_TEST_APPEND_TO"
    /// `F_SETPIPE_SZ` of fcntl(2), which only GNU sources see.
    private static let setPipeSize: Int32 = 1031
    private static var appenderPath: String? { SystemIdentity.environment[appenderKey] }

    @Test("has every event it acknowledged, though its process was killed in the middle of writing")
    func killed() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("journal.db")
            var acknowledged: Int64 = 0
            for _ in 0..<3 {
                let (reading, writing) = try Descriptor.pipe()
                // One page of acknowledgements: the appender is never far ahead of our last look.
                try #require(fcntl(writing.rawValue, Self.setPipeSize, Int32(4096)) > 0)
                let appender = try Child.spawn(
                    ChildCommand(
                        [
                            try SystemIdentity.executablePath, "--testing-library", "swift-testing",
                            "--filter",
                            "DurabilityTests/appender",
                        ],
                        environment: [Self.appenderKey: path, "PATH": "/usr/bin:/bin"],
                        passedDescriptors: [.init(writing, as: 9)]))
                writing.close()
                let acknowledgements = LineStream(reading: reading, lineBytesMax: 100)
                for _ in 0..<40 { acknowledged = max(acknowledged, try await Self.next(acknowledgements)) }
                appender.signalGroup(SIGKILL)
                #expect(await appender.wait() == .signalled(SIGKILL))
                // What was acknowledged between our last look and the kill counts, too.
                while let line = try await acknowledgements.next() {
                    acknowledged = max(acknowledged, Int64(line.text) ?? 0)
                }
                let journal = try EventJournal(path: path)
                let stored = try await Self.all(in: journal)
                #expect(stored == (0..<Int64(stored.count)).map { $0 + 1 })
                #expect(Int64(stored.count) >= acknowledged)
                guard case .intact = try await journal.verifyChain() else {
                    Issue.record("the chain is broken after a kill")
                    return
                }
            }
            #expect(acknowledged >= 120)
        }
    }

    @Test(
        "appends until it is killed",
        .enabled(if: appenderPath != nil, "runs in a process of its own, see above"))
    func appender() async throws {
        let journal = try EventJournal(path: try #require(Self.appenderPath))
        let acknowledgements = LineWriter(writing: Descriptor(owning: 9))
        await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    while true {
                        let text = String(repeating: "x", count: 2000)
                        let sequence = try await journal.append(
                            Entry(run: RunID("w\(writer)"), kind: "k", payload: "\"\(text)\""))
                        try await acknowledgements.write("\(sequence)")
                    }
                }
            }
        }
    }

    /// The sequence numbers of every stored event, page by page.
    private static func all(in journal: EventJournal) async throws -> [Int64] {
        var stored: [Int64] = []
        while true {
            let page = try await journal.events(after: stored.last ?? 0).map(\.sequence)
            if page.isEmpty { return stored }
            stored += page
        }
    }

    private static func next(_ lines: LineStream) async throws -> Int64 {
        let line = try #require(try await lines.next(), "the appender ended by itself")
        return try #require(Int64(line.text))
    }

    @Test(
        "says that the disk is full, keeps what it had, and goes on when there is room again",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func diskFull() async throws {
        try await withSmallDisk { disk in
            let journal = try EventJournal(path: "\(disk)/journal.db")
            let entry = Entry(run: nil, kind: "k", payload: String(repeating: "x", count: 10_000))
            try await journal.append(entry)
            let filler = try Descriptor.open("\(disk)/filler", flags: O_WRONLY | O_CREAT)
            let block = [UInt8](repeating: 0, count: 4096)
            while write(filler.rawValue, block, block.count) > 0 {}

            var stored: Int64 = 1
            let failure = await #expect(throws: JournalError.self) {
                // What is allocated already may still take some.
                while stored < 1000 { stored = try await journal.append(entry) }
            }
            #expect(failure == .diskFull(path: "\(disk)/journal.db"))
            #expect(try await journal.events().map(\.sequence) == (1...stored).map { $0 })

            try Files.removeFile("\(disk)/filler")
            filler.close()
            #expect(try await journal.append(entry) == stored + 1)
            guard case .intact = try await journal.verifyChain() else {
                Issue.record("the chain is broken after a full disk")
                return
            }
        }
    }

    /// A real file system of one megabyte, unmounted whatever happens.
    private func withSmallDisk(_ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let disk = folder.path("disk")
            try Files.makeDirectory(disk)
            try await run("mount", "--types", "tmpfs", "--options", "size=1m", "tmpfs", disk)
            do { try await body(disk) } catch { Issue.record(error) }
            // Lazily: the journal's connection closes when its actor is let go of, which nobody waits for.
            try await run("umount", "--lazy", disk)
        }
    }

    private func run(_ argv: String...) async throws {
        let environment = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]
        let output = try await Child.run(ChildCommand(argv, environment: environment), timeout: .seconds(60))
        try #require(output.isSuccess, "\(argv): \(output.stderrText)")
    }

    @Test("stores nothing of a call that did not fit, and takes the next one")
    func halfFits() async throws {
        try await withTemporaryFolder { folder in
            // A limit of the database stands in for the disk: it works for every user.
            let journal = try makeJournal(folder)
            try await journal.append(Entry(run: nil, kind: "first", payload: "{}"))
            try await journal.limitPages(to: 40)
            let large = Entry(run: nil, kind: "large", payload: String(repeating: "x", count: 200_000))
            await #expect(throws: JournalError.diskFull(path: journal.path)) {
                try await journal.append([Entry(run: nil, kind: "small", payload: "{}"), large])
            }
            #expect(try await journal.events().map(\.kind) == ["first"])
            #expect(try await journal.append(Entry(run: nil, kind: "second", payload: "{}")) == 2)
            try await journal.limitPages(to: 1 << 30)
            #expect(try await journal.append([large]) == [3])
        }
    }

    @Test("says so when its disk is full, locked, damaged, newer or out of reach, and what to do")
    func words() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("journal.db")
            #expect(
                "\(JournalError.diskFull(path: path))"
                    == "The journal \(path) cannot be written: the disk is full.")
            #expect(JournalError.diskFull(path: path).hint == "Free some space, then run `graftwork resume`.")

            try folder.write("damaged", String(repeating: "no database at all ", count: 100))
            #expect(
                throws: JournalError.corrupt(path: folder.path("damaged"), detail: "file is not a database")
            ) { try EventJournal(path: folder.path("damaged")) }

            try SQLiteConnection(path: folder.path("newer")).execute("PRAGMA user_version = 99")
            #expect(throws: JournalError.newerSchema(path: folder.path("newer"), found: 99, known: 1)) {
                try EventJournal(path: folder.path("newer"))
            }

            try folder.write("file", "")
            let failure = #expect(throws: JournalError.self) {
                try EventJournal(path: folder.path("file/journal.db"))
            }
            guard case .noAccess(folder.path("file/journal.db"), _) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    @Test("opens a file whose tail was lost with all that is whole, or says that it is damaged")
    func cutShort() async throws {
        try await withTemporaryFolder { folder in
            do {
                let journal = try makeJournal(folder)
                for number in 1...200 {
                    try await journal.append(
                        Entry(run: nil, kind: "k", payload: String(repeating: "\(number)", count: 100)))
                }
            }
            #expect(truncate(folder.path("journal.db"), 5 * 4096) == 0)
            let failure = #expect(throws: JournalError.self) { try makeJournal(folder) }
            guard case .corrupt(folder.path("journal.db"), _) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }
}
