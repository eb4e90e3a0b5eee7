import Fixtures
import Glibc
import Linux
import Testing

@Suite("A descriptor")
struct DescriptorTests {
    @Test("is closed once, however often it is asked")
    func closedOnce() throws {
        let (reading, writing) = try Descriptor.pipe()
        let number = reading.rawValue
        reading.close()
        let next = try Descriptor.open("/dev/null", flags: O_RDONLY)
        reading.close()
        #expect(reading.rawValue == -1)
        #expect(
            fcntl(next.rawValue, F_GETFD) >= 0, "the second close hit \(next.rawValue), first was \(number)")
        withExtendedLifetime(writing) {}
    }

    @Test("refuses calls after it was closed")
    func useAfterClose() async throws {
        let (reading, _) = try Descriptor.pipe()
        reading.close()
        let failure = await #expect(throws: SystemError.self) { try await reading.read(upTo: 1) }
        #expect(failure == SystemError(code: EBADF, call: "read", subject: "closed descriptor"))
    }

    @Test("keeps its number until the call that uses it has returned")
    func borrowed() throws {
        let descriptor = try Descriptor.open("/dev/null", flags: O_RDONLY)
        try descriptor.withRawValue("test") { number throws(SystemError) in
            descriptor.close()
            #expect(fcntl(number, F_GETFD) >= 0)
        }
        #expect(descriptor.rawValue == -1)
    }

    @Test("can be given away, and is then not closed")
    func released() throws {
        var descriptor: Descriptor? = try Descriptor.open("/dev/null", flags: O_RDONLY)
        let number = descriptor?.release() ?? -1
        #expect(descriptor?.rawValue == -1)
        descriptor = nil
        #expect(fcntl(number, F_GETFD) >= 0)
        #expect(close(number) == 0)
    }

    @Test("is not passed on to programs by accident")
    func closeOnExec() throws {
        let (reading, writing) = try Descriptor.pipe()
        let (left, right) = try Descriptor.socketPair()
        for descriptor in [reading, writing, left, right, try reading.duplicated()] {
            #expect(fcntl(descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
        }
    }

    @Test("can be read and written at the same time by two tasks")
    func bothWays() async throws {
        let (left, right) = try Descriptor.socketPair()
        let block = [UInt8](repeating: 1, count: 1 << 20)
        async let writing: Void = left.write(block)
        async let answer = left.read(upTo: 16)
        var count = 0
        while count < block.count { count += try await right.read(upTo: 1 << 16).count }
        try await right.write([7])
        try await writing
        #expect(try await answer == [7])
    }

    @Test("names the call and the file in its errors")
    func errors() {
        let failure = #expect(throws: SystemError.self) {
            try Descriptor.open("/nonexistent/file", flags: O_RDONLY)
        }
        #expect(failure?.description == "open /nonexistent/file: No such file or directory")
    }
}
