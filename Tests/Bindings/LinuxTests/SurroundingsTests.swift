import Fixtures
import Foundation
import Linux
import Testing

@Suite("The surroundings of a process")
struct SurroundingsTests {
    @Test("time is written in UTC with milliseconds, and sorts as text")
    func time() {
        let cases: [(Int64, String)] = [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"), (4_107_542_400_001, "2100-03-01T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ]
        for (milliseconds, text) in cases { #expect(WallClock.text(milliseconds: milliseconds) == text) }
        #expect(WallClock.text(seconds: 1.5) == "1970-01-01T00:00:01.500Z")
    }

    @Test("every day of four centuries has the date the calendar gives it")
    func calendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for day in stride(from: -36_525, to: 146_097, by: 13) {
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let text = WallClock.text(milliseconds: Int64(day) * 86_400_000)
            let expected = [(parts.year ?? 0, 4), (parts.month ?? 0, 2), (parts.day ?? 0, 2)]
                .map { String(repeating: "0", count: $1 - String($0).count) + String($0) }.joined(
                    separator: "-")
            #expect(text.prefix(10) == expected)
        }
    }

    @Test("time for durations does not go back")
    func monotonic() {
        let first = MonotonicClock.nowSeconds()
        #expect(MonotonicClock.nowSeconds() >= first)
    }

    @Test("random text has the length asked for and does not repeat")
    func random() {
        let texts = Set((0..<100).map { _ in RandomBytes.hex(count: 16) })
        #expect(texts.count == 100)
        #expect(texts.allSatisfy { $0.count == 32 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
    }

    @Test("a process knows itself")
    func identity() throws {
        #expect(SystemIdentity.pid == getpid())
        #expect(try Files.exists(SystemIdentity.executablePath))
        #expect(SystemIdentity.account(of: 0)?.name == "root")
        #expect(SystemIdentity.account(named: "root")?.uid == 0)
        #expect(SystemIdentity.account(named: "no such user") == nil)
        #expect(SystemIdentity.environment["PATH"] == ProcessInfo.processInfo.environment["PATH"])
        #expect(try ProcessMemory.residentBytes() > 1 << 20)
        #expect(throws: SystemError.self) { try ProcessMemory.residentBytes(pid: Int32.max) }
    }

    @Test("a pipe is no terminal")
    func terminal() throws {
        let (reading, _) = try Descriptor.pipe()
        #expect(TerminalScreen(descriptor: reading.rawValue) == nil)
    }
}

@Suite("Blocking calls")
struct BlockingTests {
    /// Blocks its own executor until it is let go.
    private actor Handle {
        let executor = DedicatedExecutor(label: "test")
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        func block(_ gate: DispatchSemaphore) { gate.wait() }
    }

    @Test("on dedicated executors and threads leave everything else running")
    func apart() async {
        let gate = DispatchSemaphore(value: 0)
        let handles = (0..<16).map { _ in Handle() }
        let actors = handles.map { handle in Task { await handle.block(gate) } }
        let threads = (0..<16).map { _ in Task { await runBlocking { gate.wait() } } }
        // Only when this runs are they let go.
        let opened = Task { for _ in 0..<32 { gate.signal() } }
        await opened.value
        for task in actors + threads { await task.value }
    }

    @Test("throw what the closure throws")
    func errors() async {
        let failure = SystemError(code: 5, call: "test", subject: "")
        let thrown = await #expect(throws: SystemError.self) {
            try await runBlocking { () throws(SystemError) -> Int in throw failure }
        }
        #expect(thrown == failure)
    }
}
