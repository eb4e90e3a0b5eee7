import Fixtures
import Glibc
import Linux
import Testing

@Suite("Files")
struct FilesTests {
    @Test("are replaced whole, with the mode asked for and nothing left beside them")
    func atomically() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("file")
            try Files.writeAtomically(path, text: "old", mode: 0o644)
            try Files.writeAtomically(path, text: "new", mode: 0o600)
            #expect(try Files.readText(path, bytesMax: 10) == "new")
            #expect(try Files.status(of: path).st_mode & 0o777 == 0o600)
            #expect(try Files.list(folder.path) == ["file"])
        }
    }

    @Test("keep their old content when the new one cannot be put in place")
    func failedReplacement() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeDirectory(folder.path("occupied/inner"))
            let failure = #expect(throws: SystemError.self) {
                try Files.writeAtomically(folder.path("occupied"), text: "new")
            }
            #expect(failure?.subject == folder.path("occupied"))
            #expect(try Files.list(folder.path) == ["occupied"])
        }
    }

    @Test("are not read beyond the bound")
    func bounded() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write("file", "12345")
            #expect(try Files.read(path, bytesMax: 5).count == 5)
            let failure = #expect(throws: SystemError.self) { try Files.read(path, bytesMax: 4) }
            #expect(failure == SystemError(code: EFBIG, call: "read", subject: path))
            #expect(throws: SystemError.self) { try Files.read("/dev/zero", bytesMax: 100) }
        }
    }

    @Test("lie in directories that are made with all above them")
    func directories() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeDirectory(folder.path("a/b/c"))
            try Files.makeDirectory(folder.path("a/b/c"))
            #expect(Files.isDirectory(folder.path("a/b/c")))
            let failure = #expect(throws: SystemError.self) {
                try Files.makeDirectory(folder.path("x/y"), withParents: false)
            }
            #expect(failure?.code == ENOENT)
            try folder.write("file", "")
            #expect(throws: SystemError.self) { try Files.makeDirectory(folder.path("file")) }
            #expect(throws: SystemError.self) { try Files.makeDirectory(folder.path("file/below")) }
        }
    }

    @Test(
        "have parents",
        arguments: [("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b/", "a"), ("", ".")])
    func parents(path: String, parent: String) {
        #expect(Files.parent(of: path) == parent)
    }

    @Test("are told apart from links")
    func links() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeLink(at: folder.path("dangling"), to: "nowhere")
            #expect(Files.exists(folder.path("dangling")))
            #expect(!Files.isDirectory(folder.path("dangling")))
            #expect(try Files.linkTarget(folder.path("dangling")) == "nowhere")
        }
    }
}

@Suite("Removing a tree", .timeLimit(.minutes(10)))
struct RemoveTreeTests {
    @Test("removes everything below a path, and is content with nothing")
    func everything() async throws {
        try await withTemporaryFolder { folder in
            for name in ["t/a", "t/b/c", "t/b/d/e", "t/.hidden"] { try folder.write(name, "x") }
            try Files.removeTree(folder.path("t"))
            try Files.removeTree(folder.path("t"))
            #expect(try Files.list(folder.path) == [])
        }
    }

    @Test("is content when others remove the same tree at the same time")
    func together() async throws {
        try await withTemporaryFolder { folder in
            for number in 0..<400 { try folder.write("t/\(number % 20)/\(number)/file", "x") }
            let path = folder.path("t")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await runBlocking { try Files.removeTree(path) } } }
                try await group.waitForAll()
            }
            #expect(!Files.exists(path))
        }
    }

    @Test("does not follow links, neither below the path nor at it")
    func links() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("outside/precious", "x")
            try Files.makeDirectory(folder.path("t"))
            try Files.makeLink(at: folder.path("t/link"), to: folder.path("outside"))
            try Files.removeTree(folder.path("t"))
            try Files.makeLink(at: folder.path("t"), to: folder.path("outside"))
            try Files.removeTree(folder.path("t"))
            #expect(try Files.list(folder.path) == ["outside"])
            #expect(try folder.read("outside/precious") == "x")
        }
    }

    @Test(
        "mends directories that may not be listed or changed",
        arguments: [0o000, 0o400, 0o500, 0o100] as [UInt32])
    func modes(mode: UInt32) async throws {
        // Only an ordinary user is refused at all; for root this shows that nothing else goes wrong.
        try await withTemporaryFolder { folder in
            try folder.write("t/shut/inner/file", "x")
            for name in ["t/shut/inner", "t/shut", "t"] { try Files.changeMode(folder.path(name), mode) }
            try Files.removeTree(folder.path("t"))
            #expect(!Files.exists(folder.path("t")))
        }
    }

    @Test("removes names that are no UTF-8")
    func names() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeDirectory(folder.path("t"))
            var bytes =
                folder.path("t/").utf8CString.dropLast() + [
                    CChar(bitPattern: 0xFF), CChar(bitPattern: 0xFE), 0,
                ]
            #expect(mkdir(Array(bytes), 0o700) == 0)
            bytes.insert(contentsOf: [0x2F, CChar(bitPattern: 0xFD)], at: bytes.endIndex - 1)
            #expect(mkdir(Array(bytes), 0o700) == 0)
            try Files.removeTree(folder.path("t"))
            #expect(!Files.exists(folder.path("t")))
        }
    }

    @Test("removes trees deeper than there are descriptors, and than a path can name")
    func deep() async throws {
        try await withTemporaryFolder { folder in
            try Files.makeDirectory(folder.path("t"))
            var directory = open(folder.path("t"), O_RDONLY | O_DIRECTORY)
            for _ in 0..<5000 {
                #expect(mkdirat(directory, "d", 0o700) == 0)
                let next = openat(directory, "d", O_RDONLY | O_DIRECTORY)
                close(directory)
                directory = next
            }
            #expect(directory >= 0)
            close(directory)
            try Files.removeTree(folder.path("t"))
            #expect(!Files.exists(folder.path("t")))
        }
    }

    @Test(
        "gives a tree away without following links",
        .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
    func owner() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("t/a/file", "x")
            try folder.write("outside", "x")
            try Files.makeLink(at: folder.path("t/link"), to: folder.path("outside"))
            try Files.changeOwner(tree: folder.path("t"), uid: 12345, gid: 12346)
            let owners = try ["t", "t/a", "t/a/file", "t/link", "outside"].map { name in
                let status = try Files.status(of: folder.path(name))
                return [status.st_uid, status.st_gid]
            }
            #expect(owners == [[12345, 12346], [12345, 12346], [12345, 12346], [12345, 12346], [0, 0]])
        }
    }
}
