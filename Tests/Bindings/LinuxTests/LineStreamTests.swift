import Fixtures
import Glibc
import Linux
import Testing

@Suite("Reading lines", .timeLimit(.minutes(10)))
struct LineStreamTests {
    private func stream(lineBytesMax: Int = 1 << 20) throws -> (LineStream, Descriptor) {
        let (reading, writing) = try Descriptor.pipe()
        return (LineStream(reading: reading, lineBytesMax: lineBytesMax), writing)
    }

    private func all(_ stream: LineStream) async throws -> [Line] {
        var lines: [Line] = []
        while let line = try await stream.next() { lines.append(line) }
        return lines
    }

    @Test("gives each line without its end, and the last one even without an end")
    func lines() async throws {
        let (stream, writing) = try stream()
        try await writing.write(Array("one\n\nthree\nfour".utf8))
        writing.close()
        #expect(
            try await all(stream)
                == ["one", "", "three", "four"].map { Line(text: $0, wasTruncated: false) })
    }

    @Test("puts a line together that arrives in pieces")
    func pieces() async throws {
        let (stream, writing) = try stream()
        let next = Task { try await stream.next() }
        for piece in ["al", "l of ", "it\nrest"] { try await writing.write(Array(piece.utf8)) }
        #expect(try await next.value == Line(text: "all of it", wasTruncated: false))
    }

    @Test("cuts a line that is too long, says so, and goes on with the next")
    func truncation() async throws {
        let (stream, writing) = try stream(lineBytesMax: 4)
        try await writing.write(Array("1234\n12345\n1234567890123\nok\n123456".utf8))
        writing.close()
        #expect(
            try await all(stream) == [
                Line(text: "1234", wasTruncated: false), Line(text: "1234", wasTruncated: true),
                Line(text: "1234", wasTruncated: true), Line(text: "ok", wasTruncated: false),
                Line(text: "1234", wasTruncated: true),
            ])
    }

    @Test("stays within its bound however long a line without an end becomes")
    func boundedMemory() async throws {
        let (stream, writing) = try stream(lineBytesMax: 1000)
        let flood = Task {
            let block = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<64 { try await writing.write(block) }
            try await writing.write(Array("\nend\n".utf8))
            writing.close()
        }
        let first = try await stream.next()
        #expect(first == Line(text: String(repeating: "a", count: 1000), wasTruncated: true))
        #expect(try await stream.next() == Line(text: "end", wasTruncated: false))
        #expect(stream.bufferedBytes < 1000 + 2 * (64 << 10))
        try await flood.value
    }

    @Test("repairs bytes that are no UTF-8")
    func repaired() async throws {
        let (stream, writing) = try stream()
        try await writing.write([0x61, 0xFF, 0x62, 0x0A])
        #expect(try await stream.next() == Line(text: "a\u{FFFD}b", wasTruncated: false))
    }

    @Test("loses nothing when a wait is cancelled")
    func cancelled() async throws {
        let (stream, writing) = try stream()
        try await writing.write(Array("begun ".utf8))
        let impatient = Task { try await stream.next() }
        impatient.cancel()
        let failure = await #expect(throws: SystemError.self) { try await impatient.value }
        #expect(failure?.isCancellation == true)
        try await writing.write(Array("and ended\n".utf8))
        #expect(try await stream.next() == Line(text: "begun and ended", wasTruncated: false))
    }

    @Test("holds no thread while it waits: 300 silent streams, and everything else still runs")
    func idle() async throws {
        let pairs = try (0..<300).map { _ in try stream() }
        let answers = pairs.map { pair in Task { try await pair.0.next()?.text } }
        // With a blocked thread for each this would never be answered.
        #expect(await Task { 42 }.value == 42)
        for (index, pair) in pairs.enumerated() { try await pair.1.write(Array("line \(index)\n".utf8)) }
        for (index, answer) in answers.enumerated() { #expect(try await answer.value == "line \(index)") }
    }

    @Test("ends with an error when its descriptor is closed under it")
    func closed() async throws {
        let (stream, writing) = try stream()
        let waiting = Task { try await stream.next() }
        stream.descriptor.close()
        let failure = await #expect(throws: SystemError.self) { try await waiting.value }
        #expect(failure?.code == EBADF)
        withExtendedLifetime(writing) {}
    }
}
