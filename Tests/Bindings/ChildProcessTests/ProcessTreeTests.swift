import ChildProcess
import Fixtures
import Glibc
import Linux
import Testing

@Suite("The processes below one")
struct ProcessTreeTests {
    /// Runs a shell script until the body has ended, and nothing of it longer.
    private func withShell(_ script: String, _ body: (RunningChild) async throws -> Void) async throws {
        let child = try Child.spawn(
            ChildCommand(
                ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: "/"),
            stdin: .null, stdout: .null, stderr: .null)
        do {
            try await body(child)
        } catch {
            try await Self.end(child)
            throw error
        }
        try await Self.end(child)
    }

    /// Also what has left the child's group.
    private static func end(_ child: RunningChild) async throws {
        let below = try ProcessTree.descendants(of: child.pid)
        for member in below { _ = try ProcessTree.signal(SIGKILL, to: member) }
        await child.tearDown([])
    }

    private func names(below root: Int32) throws -> [String] {
        try ProcessTree.descendants(of: root).compactMap {
            guard Files.exists("/proc/\($0.pid)") else { return nil }
            return try Files.readText("/proc/\($0.pid)/cmdline", bytesMax: 4 << 10)
        }
    }

    @Test("are found in other groups and sessions, too, parents first")
    func found() async throws {
        try await withShell("setsid sh -c 'sleep 1001 & wait' & wait") { child in
            try await wait { try names(below: child.pid).contains("sleep\01001\0") }
            let found = try ProcessTree.descendants(of: child.pid)
            #expect(found.count == 2)
            #expect(try ProcessTree.descendants(of: found[0].pid) == [found[1]])
        }
    }

    @Test("are found whatever name they give themselves")
    func named() async throws {
        try await withTemporaryFolder { folder in
            let program = folder.path(") Z 1 1\n1 (x")
            try Files.copy("/bin/sleep", to: program, mode: 0o755)
            try await withShell("'\(program)' 1002 & wait") { child in
                try await wait { try names(below: child.pid).contains { $0.hasSuffix("\01002\0") } }
            }
        }
    }

    @Test("get no signal that was meant for one with the same number before")
    func reused() async throws {
        try await withShell("sleep 1003 & wait") { child in
            try await wait { try names(below: child.pid).contains("sleep\01003\0") }
            let sleeper = try #require(try ProcessTree.descendants(of: child.pid).first)
            let earlier = ProcessTree.Member(pid: sleeper.pid, start: sleeper.start - 1)
            #expect(try !ProcessTree.signal(SIGKILL, to: earlier))
            #expect(try ProcessTree.descendants(of: child.pid) == [sleeper])
        }
    }

    @Test("stand still once they are halted, and go on from there when released")
    func halted() async throws {
        try await withTemporaryFolder { folder in
            let script = "(while :; do /bin/true; echo x >>'\(folder.path)/count'; done) & wait"
            try await withShell(script) { child in
                try await wait { Files.exists(folder.path("count")) }
                let halted = try ProcessTree.halt(below: child.pid)
                let before = try folder.read("count").count
                // Not waiting for a time to pass: each look is a chance for whoever runs.
                for _ in 0..<200 { sched_yield() }
                #expect(try folder.read("count").count == before)
                try ProcessTree.release(halted)
                try await wait { try folder.read("count").count > before }
            }
        }
    }

    @Test("stand still although they wake each other as fast as they can")
    func waking() async throws {
        let waker = "(trap : CONT; while :; do kill -CONT 0; done) &"
        try await withShell("\(waker) \(waker) \(waker) wait") { child in
            try await wait { try ProcessTree.descendants(of: child.pid).count >= 3 }
            let halted = try ProcessTree.halt(below: child.pid)
            #expect(halted.count >= 3)
            #expect(try states(below: child.pid) == ["T"])
            try ProcessTree.release(halted)
        }
    }

    @Test("stand still although their first thread has ended")
    func leaderless() async throws {
        let program = """
            import ctypes, threading
            def work():
                while True: pass
            threading.Thread(target=work).start()
            ctypes.CDLL(None).pthread_exit(None)
            """
        try await withShell("python3 -c '\(program)' & wait") { child in
            try await wait { try states(below: child.pid) == ["R", "Z"] }
            let halted = try ProcessTree.halt(below: child.pid)
            #expect(try states(below: child.pid) == ["T", "Z"])
            try ProcessTree.release(halted)
            try await wait { try states(below: child.pid) == ["R", "Z"] }
        }
    }

    @Test("that were stopped before are not woken by a release")
    func stoppedBefore() async throws {
        try await withShell("sleep 1004 & kill -STOP $!; wait") { child in
            try await wait { try states(below: child.pid) == ["T"] }
            let halted = try ProcessTree.halt(below: child.pid)
            #expect(halted == [])
        }
    }

    /// What the threads below a process do, each state once.
    private func states(below root: Int32) throws -> Set<String> {
        var states: Set<String> = []
        for member in try ProcessTree.descendants(of: root) {
            for thread in try Files.list("/proc/\(member.pid)/task") {
                let stat = try Files.readText("/proc/\(member.pid)/task/\(thread)/stat", bytesMax: 4 << 10)
                let letter = stat.split(separator: ")").last?.split(separator: " ").first
                states.insert(letter.map(String.init) ?? "")
            }
        }
        return states
    }
}
