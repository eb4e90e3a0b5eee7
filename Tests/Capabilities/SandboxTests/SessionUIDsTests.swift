import ChildProcess
import Fixtures
import Linux
import Sandbox
import Testing

@Suite("Session uids")
struct SessionUIDsTests {
    private let range: Range<UInt32> = 1_920_000_000..<1_920_000_003

    @Test("are claimed one by one, kept over a restart, and free again after their release")
    func lifecycle() async throws {
        try await withTemporaryFolder { folder in
            let uids = SessionUIDs(stateDirectory: folder.path, range: range)
            let first = try uids.claim(for: "session-a")
            let second = try uids.claim(for: "session-b")
            #expect([first, second] == [1_920_000_000, 1_920_000_001])
            // Asking twice is harmless, also for another server of the same state.
            let restarted = SessionUIDs(stateDirectory: folder.path, range: range)
            #expect(try restarted.claim(for: "session-a") == first)
            #expect(
                try restarted.claims() == [
                    .init(uid: first, owner: "session-a"), .init(uid: second, owner: "session-b"),
                ])
            // A release by somebody else changes nothing.
            try restarted.release(first, owner: "session-b")
            #expect(try uids.claims().count == 2)
            try restarted.release(first, owner: "session-a")
            #expect(try uids.claim(for: "session-c") == first)
        }
    }

    @Test("run out with an error that says how many there are")
    func exhaustion() async throws {
        try await withTemporaryFolder { folder in
            let uids = SessionUIDs(stateDirectory: folder.path, range: range)
            for owner in ["a", "b", "c"] { _ = try uids.claim(for: owner) }
            #expect(throws: SandboxError.noFreeUID(limit: 3)) { try uids.claim(for: "d") }
        }
    }

    @Test("are never given to two of many who ask at once")
    func contention() async throws {
        try await withTemporaryFolder { folder in
            let uids = SessionUIDs(stateDirectory: folder.path, range: 1_920_001_000..<1_920_001_064)
            let claimed = try await withThrowingTaskGroup(of: UInt32.self) { group in
                for index in 0..<32 { group.addTask { try uids.claim(for: "session-\(index)") } }
                return try await group.reduce(into: [UInt32]()) { $0.append($1) }
            }
            #expect(Set(claimed).count == 32)
        }
    }

    @Test(
        "pass over one under which a leftover process runs",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func leftover() async throws {
        try await withTemporaryFolder { folder in
            let range: Range<UInt32> = 1_920_002_000..<1_920_002_002
            let uids = SessionUIDs(stateDirectory: folder.path, range: range)
            let leftover = try Child.spawn(
                ChildCommand(
                    [
                        "setpriv", "--reuid=\(range.lowerBound)", "--clear-groups", "sh", "-c",
                        "echo up; read line",
                    ],
                    environment: ["PATH": "/usr/bin:/bin"]),
                stdin: .pipe, stdout: .pipe)
            let lines = LineStream(reading: try #require(leftover.stdout), lineBytesMax: 100)
            #expect(try await lines.next()?.text == "up")
            #expect(try uids.claim(for: "a") == range.lowerBound + 1)
            leftover.stdin?.close()
            _ = await leftover.wait()
            #expect(try uids.claim(for: "b") == range.lowerBound)
        }
    }

    /// 65534 is nobody's on every system that has one.
    @Test(
        "pass over one that is an account's or a group's",
        .enabled(if: SystemIdentity.account(of: 65_534) != nil, "no account has the number 65534"))
    func accounts() async throws {
        try await withTemporaryFolder { folder in
            let uids = SessionUIDs(stateDirectory: folder.path, range: 65_534..<65_535)
            #expect(throws: SandboxError.noFreeUID(limit: 1)) { try uids.claim(for: "a") }
        }
    }

    @Test("come from a range this user namespace has")
    func available() throws {
        let range = SessionUIDs.availableRange()
        #expect([SessionUIDs.preferredRange, SessionUIDs.narrowRange].contains(range))
    }
}
