import Fixtures
import Glibc
import Linux
import Testing

@Suite("A unix socket", .timeLimit(.minutes(10)))
struct UnixListenerTests {
    @Test("connects two ends that know each other's process")
    func connects() async throws {
        try await withTemporaryFolder { folder in
            let listener = try UnixListener(path: folder.path("s"))
            async let accepted = listener.accept()
            let client = try UnixSocket.connect(path: folder.path("s"))
            let server = try await accepted
            try await LineWriter(writing: client).write("hello")
            #expect(try await LineStream(reading: server, lineBytesMax: 100).next()?.text == "hello")
            let peer = try UnixListener.peerCredentials(of: server)
            #expect(peer.pid == getpid())
            #expect(peer.uid == geteuid())
            #expect(peer.gid == getegid())
        }
    }

    @Test("is open to its owner alone, whatever the umask says", arguments: [0o600, 0o666] as [UInt32])
    func mode(mode: UInt32) async throws {
        try await withTemporaryFolder { folder in
            let listener = try UnixListener(path: folder.path("s"), mode: mode)
            #expect(try Files.status(of: folder.path("s")).st_mode & 0o777 == mode)
            listener.close()
        }
    }

    @Test("takes the place of a socket nobody answers on")
    func stale() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("s")
            let left = try UnixListener(path: path)
            try Files.move(path, to: folder.path("kept"))
            left.close()
            try Files.move(folder.path("kept"), to: path)
            let failure = #expect(throws: SystemError.self) { try UnixSocket.connect(path: path) }
            #expect(failure?.code == ECONNREFUSED)
            let listener = try UnixListener(path: path)
            #expect(try UnixSocket.connect(path: path).rawValue >= 0)
            listener.close()
        }
    }

    @Test("leaves a socket alone that answers, and a file that is no socket")
    func notStale() async throws {
        try await withTemporaryFolder { folder in
            let first = try UnixListener(path: folder.path("s"))
            try folder.write("file", "precious")
            for name in ["s", "file"] {
                let failure = #expect(throws: SystemError.self) { try UnixListener(path: folder.path(name)) }
                #expect(failure == SystemError(code: EADDRINUSE, call: "bind", subject: folder.path(name)))
            }
            #expect(try folder.read("file") == "precious")
            #expect(try UnixSocket.connect(path: first.path).rawValue >= 0)
        }
    }

    @Test("names a path that is too long for the kernel")
    func tooLong() {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        #expect(path.utf8.count == 108)
        let failure = #expect(throws: SystemError.self) { try UnixListener(path: path) }
        #expect(failure == SystemError(code: ENAMETOOLONG, call: "bind", subject: path))
    }

    @Test("ends its waits and removes its path when it is closed")
    func closed() async throws {
        try await withTemporaryFolder { folder in
            let listener = try UnixListener(path: folder.path("s"))
            let waiting = Task { try await listener.accept() }
            listener.close()
            let failure = await #expect(throws: SystemError.self) { try await waiting.value }
            #expect(failure?.code == EBADF)
            #expect(!Files.exists(folder.path("s")))
        }
    }

    @Test("stops waiting when its task is cancelled")
    func cancelled() async throws {
        try await withTemporaryFolder { folder in
            let listener = try UnixListener(path: folder.path("s"))
            let waiting = Task { try await listener.accept() }
            waiting.cancel()
            let failure = await #expect(throws: SystemError.self) { try await waiting.value }
            #expect(failure?.isCancellation == true)
        }
    }
}

@Suite("A file lock")
struct FileLockTests {
    @Test("is held by one, until that one lets go")
    func exclusive() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("lock")
            let first = try #require(try FileLock.tryAcquire(path: path))
            #expect(try FileLock.tryAcquire(path: path) == nil)
            first.close()
            #expect(try FileLock.tryAcquire(path: path) != nil)
            // The last one was let go of at the end of its line.
            #expect(try FileLock.tryAcquire(path: path) != nil)
        }
    }

    @Test("does not follow a link that was put in its place")
    func link() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("target", "precious")
            try Files.makeLink(at: folder.path("lock"), to: folder.path("target"))
            let failure = #expect(throws: SystemError.self) {
                try FileLock.tryAcquire(path: folder.path("lock"))
            }
            #expect(failure?.code == ELOOP)
        }
    }
}
