import Fixtures
import Foundation
import Linux
import Synchronization
import Testing

@testable import ChildProcess

@Suite("A child at work", .timeLimit(.minutes(10)))
struct RunningChildTests {
    private static let environment = ["PATH": "/usr/bin:/bin"]

    private func shell(
        _ script: String, grouping: ChildCommand.Grouping = .ownGroup,
        passing passed: [ChildCommand.PassedDescriptor] = [], stdin: StandardDescriptor = .null
    ) throws -> RunningChild {
        try Child.spawn(
            ChildCommand(
                ["/bin/sh", "-c", script], environment: Self.environment, grouping: grouping,
                passedDescriptors: passed),
            stdin: stdin, stdout: .pipe)
    }

    private func lines(_ child: RunningChild) throws -> LineStream {
        LineStream(reading: try #require(child.stdout), lineBytesMax: 10_000)
    }

    @Test("tells its end to everyone who waits, before and after")
    func waiters() async throws {
        let child = try shell("read line; exit 7", stdin: .pipe)
        let early = (0..<50).map { _ in Task { await child.wait() } }
        #expect(child.termination == nil)
        #expect(await child.wait(upTo: .milliseconds(1)) == nil)
        try #require(child.stdin).close()
        for waiter in early { #expect(await waiter.value == .exited(7)) }
        #expect(await child.wait() == .exited(7))
        #expect(await child.wait(upTo: .zero) == .exited(7))
        #expect(child.termination == .exited(7))
    }

    @Test("is left alone, with its group, where nobody can tell whether it has ended")
    func unwatchable() async throws {
        let child = try shell("read line; exit 7", stdin: .pipe)
        let nothing = try Descriptor.open("/dev/null", flags: O_RDONLY)
        nothing.close()
        let life = ChildLife(pid: child.pid, pidfd: nothing, leadsGroup: true, endsGroup: true)
        life.watch()
        await withCheckedContinuation { continuation in
            _ = life.whenEnded { _ in continuation.resume() }
        }
        try #require(child.stdin).close()
        #expect(await child.wait() == .exited(7))
    }

    @Test("is reaped though nobody waits")
    func reaped() async throws {
        let pid = try shell("exit 0").pid
        while kill(pid, 0) == 0 { await Task.yield() }
    }

    @Test("can be talked to line by line")
    func conversation() async throws {
        let child = try shell("while read line; do echo \"<$line>\"; done", stdin: .pipe)
        let writer = LineWriter(writing: try #require(child.stdin))
        let lines = try lines(child)
        for word in ["one", "two"] {
            try await writer.write(word)
            #expect(try await lines.next()?.text == "<\(word)>")
        }
        child.stdin?.close()
        #expect(try await lines.next() == nil)
        #expect(await child.wait() == .exited(0))
    }

    @Test("holds only the descriptors it was given, under their numbers")
    func descriptors() async throws {
        let kept = try (0..<20).map { _ in try Descriptor.pipe() }
        let (reading, writing) = try Descriptor.pipe()
        // Inheritable by mistake: whatever a library opened without close-on-exec.
        let leaked = fcntl(reading.rawValue, F_DUPFD, 100)
        defer { close(leaked) }
        let script = """
            i=0
            while [ $i -lt 300 ]; do
                [ -e /proc/$$/fd/$i ] && printf "$i "
                i=$((i+1))
            done
            echo
            echo through >&9
            """
        let child = try shell(script, passing: [.init(writing, as: 9), .init(writing, as: 5)])
        writing.close()
        let listing = try await lines(child).next()?.text
        #expect(listing == "0 1 2 5 9 ")
        #expect(try await LineStream(reading: reading, lineBytesMax: 100).next()?.text == "through")
        withExtendedLifetime(kept) {}
    }

    @Test("gets two descriptors that trade their numbers")
    func swapped() async throws {
        let (first, firstEnd) = try Descriptor.pipe()
        let (second, secondEnd) = try Descriptor.pipe()
        let (a, b) = (firstEnd.rawValue, secondEnd.rawValue)
        let child = try shell(
            "echo to-first >&\(b); echo to-second >&\(a)",
            passing: [.init(firstEnd, as: b), .init(secondEnd, as: a)].filter { $0.number < 10 })
        firstEnd.close()
        secondEnd.close()
        if a < 10 && b < 10 {
            #expect(try await LineStream(reading: first, lineBytesMax: 100).next()?.text == "to-first")
            #expect(try await LineStream(reading: second, lineBytesMax: 100).next()?.text == "to-second")
        }
        _ = await child.wait()
    }

    @Test("starts with every signal at its default and none blocked, whatever this process does with them")
    func signals() async throws {
        signal(SIGPIPE, SIG_IGN)
        let child = try shell("grep -E '^Sig(Blk|Ign)' /proc/self/status")
        let lines = try lines(child)
        let (blocked, ignored) = (try await lines.next()?.text, try await lines.next()?.text)
        #expect(blocked == "SigBlk:\t0000000000000000")
        // 32 and 33 belong to glibc, which ignores them until it needs them.
        #expect(ignored == "SigIgn:\t0000000180000000" || ignored == "SigIgn:\t0000000000000000")
    }

    @Test(
        "leads a group, a session, or neither",
        arguments: [ChildCommand.Grouping.ownGroup, .ownSession, .callersGroup])
    func grouping(grouping: ChildCommand.Grouping) async throws {
        let child = try shell("read line", grouping: grouping, stdin: .pipe)
        let (group, session) = (getpgid(child.pid), getsid(child.pid))
        switch grouping {
        case .ownGroup:
            #expect(group == child.pid)
            #expect(session == getsid(0))
        case .ownSession:
            #expect(group == child.pid)
            #expect(session == child.pid)
        case .callersGroup:
            #expect(group == getpgrp())
            #expect(session == getsid(0))
        }
        child.stdin?.close()
        #expect(await child.wait() == .exited(1))
    }

    @Test("is torn down with its whole group, step by step, though the task is cancelled")
    func tearDown() async throws {
        let child = try shell("trap 'echo asked; exit 4' TERM; sleep 1000 & echo $!; wait")
        let lines = try lines(child)
        let grandchild = try #require(Int32(try await lines.next()?.text ?? ""))
        let teardown = Task { await child.tearDown([.signal(SIGTERM, wait: .seconds(600))]) }
        teardown.cancel()
        #expect(await teardown.value == .exited(4))
        #expect(try await lines.next()?.text == "asked")
        try await untilGone(grandchild)
        // Harmless afterwards: the numbers may belong to others by now.
        child.signal(SIGKILL)
        child.signalGroup(SIGKILL)
        #expect(await child.tearDown() == .exited(4))
    }

    @Test("that asked to die with its parent outlives the thread that asked for it")
    func parentDeath() async throws {
        // The kernel takes the thread that forked for the parent.
        let script = """
            import ctypes, signal, sys
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
            print('ready', flush=True)
            sys.stdin.readline()
            """
        let command = ChildCommand(["/usr/bin/python3", "-c", script], environment: Self.environment)
        let gate = DispatchSemaphore(value: 0)
        let started = Mutex<RunningChild?>(nil)
        let asker = try ShortThread {
            do {
                let child = try Child.spawn(command, stdin: .pipe, stdout: .pipe)
                started.withLock { $0 = child }
            } catch { Issue.record(error) }
            gate.wait()
        }
        while started.withLock({ $0 == nil }) { await Task.yield() }
        let child = try #require(started.withLock { $0 })
        #expect(try await lines(child).next()?.text == "ready")
        gate.signal()
        asker.join()
        try await LineWriter(writing: try #require(child.stdin)).write("end")
        #expect(await child.wait() == .exited(0))
    }

    @Test("all are started by one thread, which lives as long as the program")
    func oneThread() async throws {
        // A child sees its parent's thread only by dying with it; the thread is found by its name instead.
        for _ in 0..<4 { _ = await Task { try shell("exit 0").pid }.result }
        let names = try Files.list("/proc/self/task").compactMap { thread -> String? in
            do throws(SystemError) {
                return try Files.readText("/proc/self/task/\(thread)/comm", bytesMax: 100)
            } catch { return nil }  // It ended meanwhile.
        }
        #expect(names.filter { $0 == "spawn\n" }.count == 1)
    }

    @Test("many can be started at once")
    func many() async throws {
        let codes = try await withThrowingTaskGroup(of: Termination.self) { group in
            for code in 0..<100 { group.addTask { await (try shell("exit \(code)")).wait() } }
            return try await group.reduce(into: Set<Termination>()) { $0.insert($1) }
        }
        #expect(codes == Set((0..<100).map { .exited($0) }))
    }
}

/// A thread that ends with its closure, and can be seen to have ended.
private struct ShortThread {
    private let thread: pthread_t

    init(_ body: @escaping @Sendable () -> Void) throws {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<Box>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        try #require(code == 0)
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}
