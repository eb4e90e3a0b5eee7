import Fixtures
import Glibc
import Linux
import Testing

@Suite("Writing lines", .timeLimit(.minutes(10)))
struct LineWriterTests {
    @Test("keeps lines whole when many tasks write long ones at once", arguments: [true, false])
    func whole(isSocket: Bool) async throws {
        let (reading, writing) = try isSocket ? Descriptor.socketPair() : Descriptor.pipe()
        let writer = LineWriter(writing: writing)
        let lines = (0..<40).map { "\($0) " + String(repeating: "x", count: 1000 * $0) }
        async let written: Void = withThrowingTaskGroup(of: Void.self) { group in
            for line in lines { group.addTask { try await writer.write(line) } }
            try await group.waitForAll()
            writing.close()
        }
        let stream = LineStream(reading: reading, lineBytesMax: 1 << 20)
        var seen: [String] = []
        while let line = try await stream.next() { seen.append(line.text) }
        try await written
        #expect(seen.sorted() == lines.sorted())
    }

    @Test("waits for a slow reader without holding a thread")
    func slowReader() async throws {
        let (reading, writing) = try Descriptor.pipe()
        let line = String(repeating: "y", count: 1 << 20)
        let write = Task { try await LineWriter(writing: writing).write(line) }
        #expect(await Task { 42 }.value == 42)
        #expect(try await LineStream(reading: reading, lineBytesMax: 1 << 21).next()?.text == line)
        try await write.value
    }

    @Test(
        "answers a reader that is gone with an error, not with the end of the program",
        arguments: [true, false])
    func readerGone(isSocket: Bool) async throws {
        let (reading, writing) = try isSocket ? Descriptor.socketPair() : Descriptor.pipe()
        let writer = LineWriter(writing: writing)
        reading.close()
        for _ in 0..<2 {
            let failure = await #expect(throws: SystemError.self) { try await writer.write("anyone?") }
            #expect(failure?.code == EPIPE)
        }
    }

    @Test("ends at once when its descriptor is closed in the middle of a line")
    func closed() async throws {
        let (reading, writing) = try Descriptor.pipe()
        let write = Task {
            try await LineWriter(writing: writing).write(String(repeating: "z", count: 1 << 20))
        }
        _ = try await reading.read(upTo: 1)  // The line was begun.
        writing.close()
        let failure = await #expect(throws: SystemError.self) { try await write.value }
        #expect(failure?.code == EBADF)
    }

    @Test("lets a cancelled task go that waits for its turn, and keeps the turn of the others")
    func cancelledInQueue() async throws {
        let turns = Turnstile()
        #expect(await turns.enter())
        let second = Task { await turns.enter() }
        let third = Task { await turns.enter() }
        second.cancel()
        #expect(await second.value == false)
        turns.leave()
        #expect(await third.value)
        turns.leave()
        #expect(await turns.enter())
    }
}
