import Fixtures
import Git
import Glibc
import Linux
import Testing
import Vocabulary

@testable import Worktrees

@Suite("The record of a pristine checkout") struct PristineRecordTests {
    private static let taken = timespec(tv_sec: 1_000_000, tv_nsec: 500)

    private static func id(_ byte: UInt8) throws -> GitID {
        try #require(
            GitID(hex: String(repeating: byte < 16 ? "0\(String(byte, radix: 16))" : "ff", count: 20)))
    }

    private static func file(changed: timespec) -> stat {
        var status = stat()
        (status.st_mode, status.st_size, status.st_ino) = (S_IFREG | 0o644, 12, 77)
        (status.st_mtim, status.st_ctim) = (timespec(tv_sec: 5, tv_nsec: 6), changed)
        return status
    }

    /// `a`, and `b` in the folder `d`, both as this describes them.
    private static func draft(_ status: stat) throws -> PristineRecord.Draft {
        var draft = PristineRecord.Draft(tree: try id(1))
        draft.setTaken(taken)
        let root = draft.append([
            GitEntry(path: GitPath("a"), mode: 0o100644, id: try id(2)),
            GitEntry(path: GitPath("d"), mode: 0o40000, id: try id(3)),
        ])
        let inside = draft.append([GitEntry(path: GitPath("b"), mode: 0o100644, id: try id(4))])
        draft.setEntries(inside, of: root.lowerBound + 1)
        for index in [root.lowerBound, inside.lowerBound] { draft.setStatus(status, of: index) }
        return draft
    }

    @Test(
        "vouches for a file only where a change in the clock's same tick would have shown",
        arguments: [
            (timespec(tv_sec: 1_000_000, tv_nsec: 499), true),
            (timespec(tv_sec: 999_999, tv_nsec: 900), true),
            // In the very tick in which the record was taken, or after it.
            (timespec(tv_sec: 1_000_000, tv_nsec: 500), false),
            (timespec(tv_sec: 1_000_000, tv_nsec: 501), false),
            (timespec(tv_sec: 1_000_001, tv_nsec: 1), false),
            // Of a file system that knows whole seconds only.
            (timespec(tv_sec: 1_000_000, tv_nsec: 0), false), (timespec(tv_sec: 999_999, tv_nsec: 0), false),
            (timespec(tv_sec: 999_998, tv_nsec: 0), false), (timespec(tv_sec: 999_997, tv_nsec: 0), true),
        ])
    func clock(changed: timespec, isVouchedFor: Bool) throws {
        let status = Self.file(changed: changed)
        #expect(PristineRecord(try Self.draft(status)).vouches(for: 0, status) == isVouchedFor)
    }

    @Test("vouches for no file that the kernel describes otherwise by now")
    func otherwise() throws {
        let status = Self.file(changed: timespec(tv_sec: 10, tv_nsec: 10))
        let record = PristineRecord(try Self.draft(status))
        #expect(record.vouches(for: 0, status))
        let changes: [(inout stat) -> Void] = [
            { $0.st_ctim.tv_sec += 1 }, { $0.st_ctim.tv_nsec += 1 }, { $0.st_mtim.tv_sec += 1 },
            { $0.st_mtim.tv_nsec += 1 }, { $0.st_ino += 1 }, { $0.st_size += 1 },
        ]
        for change in changes {
            var other = status
            change(&other)
            #expect(!record.vouches(for: 0, other))
        }
    }

    @Test("of a worktree that moved, or was put back, vouches for what nobody touched and for nothing else")
    func follows() async throws {
        let repository = try await TestRepository(files: [
            "changes": "1\n", "d/stays": "1\n", "edited": "1\n",
        ])
        let store = try repository.store()
        var worktree = try await store.prepareWorktree(
            run: RunID("r1"), task: "t1", base: repository.head(),
            owner: SystemIdentity.isRoot ? 23456 : nil)
        let first = try await store.snapshot(worktree, message: "first")
        try repository.write("changes", "2\n")
        let newer = try await repository.commitAll("newer")
        func vouched() throws -> [String] {
            let record = try #require(
                try PristineRecord.read("\(repository.state)/private/r1.t1/pristine"))
            let inside = try #require(record.rootEntries.first { String(cString: record.name($0)) == "d" })
            return try (Array(record.rootEntries) + Array(record.entries(of: inside))).filter { index in
                let name = String(cString: record.name(index))
                let path = "\(worktree.path)/\(record.entries(of: inside).contains(index) ? "d/" : "")\(name)"
                return try record.vouches(for: index, Files.status(of: path))
            }.map { String(cString: record.name($0)) }
        }
        #expect(try vouched() == ["changes", "edited", "stays"])
        try Files.writeAtomically("\(worktree.path)/edited", text: "mine\n", mode: 0o644)
        worktree = try await store.moveWorktree(worktree, to: newer, base: newer)
        #expect(try vouched() == ["stays"])
        worktree = try await store.restore(worktree.name, number: first.number, owner: nil)
        #expect(try vouched() == ["stays"])
        #expect(try await store.snapshot(worktree, message: "again").tree == first.tree)
    }

    @Test("is none when it is damaged: cut short anywhere, or a number in it points where it may not")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let bytes = try Self.draft(Self.file(changed: timespec(tv_sec: 10, tv_nsec: 10))).bytes
        let path = folder.path("record")
        func read(_ bytes: [UInt8]) throws -> PristineRecord? {
            try Files.writeAtomically(path, bytes)
            return try PristineRecord.read(path)
        }
        #expect(try read(bytes)?.tree == Self.id(1))
        for count in 0..<bytes.count {
            #expect(try read(Array(bytes[..<count])) == nil, "\(count) of \(bytes.count) bytes")
        }
        // Title, numbers of entries, the place of a name, the places of a folder's entries, the last zero.
        let (header, entry) = (48, 72)
        for offset in [
            0, 31, 47, header + 3, header + entry + 8 + 3, header + entry + 12 + 3, bytes.count - 1,
        ] {
            var damaged = bytes
            damaged[offset] ^= 0x7f
            #expect(try read(damaged) == nil, "byte \(offset)")
        }
        // A folder inside itself.
        var circle = bytes
        circle[header + entry + 8] = 1
        #expect(try read(circle) == nil)
    }

    @Test("however its bytes are changed, it is none, or one that can be walked through")
    func anyByte() throws {
        let folder = try TemporaryFolder()
        let bytes = try Self.draft(Self.file(changed: timespec(tv_sec: 10, tv_nsec: 10))).bytes
        let path = folder.path("record")
        var whole = 0
        for offset in bytes.indices {
            for mask: UInt8 in [0x01, 0x80, 0xff] {
                var changed = bytes
                changed[offset] ^= mask
                try Files.writeAtomically(path, changed)
                guard let record = try PristineRecord.read(path) else { continue }
                whole += 1
                var pending = Array(record.rootEntries)
                while let index = pending.popLast() {
                    _ = (strlen(record.name(index)), record.id(index))
                    if record.mode(index) & GitEntry.kindMask == GitEntry.treeMode {
                        pending += record.entries(of: index)
                    }
                }
            }
        }
        #expect(whole > 0)
    }
}
