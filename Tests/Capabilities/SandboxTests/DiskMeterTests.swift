import Testing

@testable import Sandbox

@Suite("What a sandbox writes")
struct DiskMeterTests {
    private static let plenty = DiskMeter.Room(bytes: 1_000_000, files: 100_000)
    private func room(less bytes: UInt64, _ files: UInt64 = 0) -> DiskMeter.Room {
        DiskMeter.Room(bytes: Self.plenty.bytes - bytes, files: 100_000 - files)
    }
    private func usage(_ bytes: UInt64, _ files: UInt64 = 10, isComplete: Bool = true) -> DiskMeter.Usage {
        DiskMeter.Usage(bytes: bytes, files: files, isComplete: isComplete)
    }

    /// One in whose folders 500 bytes lay when it began.
    private func begun() -> DiskMeter {
        var meter = DiskMeter(bytesMax: 100, filesMax: 20)
        #expect(meter.needsWalk(room: Self.plenty, at: .zero))
        #expect(meter.walked(usage(500), room: Self.plenty, at: .zero) == nil)
        return meter
    }

    @Test("is what its folders grow by, however full they were")
    func growth() {
        var meter = begun()
        #expect(meter.walked(usage(600), room: room(less: 100), at: .seconds(1)) == nil)
        #expect(meter.walked(usage(601), room: room(less: 101), at: .seconds(2)) == .disk(bytesMax: 100))
        var other = begun()
        #expect(other.walked(usage(500, 30), room: Self.plenty, at: .seconds(1)) == nil)
        #expect(other.walked(usage(500, 31), room: Self.plenty, at: .seconds(2)) == .files(max: 20))
    }

    @Test("is looked for in the folders only when the room has shrunk by all that it may still write")
    func seldom() {
        var meter = begun()
        #expect(!meter.needsWalk(room: room(less: 100, 20), at: .seconds(1)))
        #expect(meter.needsWalk(room: room(less: 101), at: .seconds(1)))
        #expect(meter.needsWalk(room: room(less: 0, 21), at: .seconds(1)))
        // 60 of the 100 are used, and the room is looked at from here on.
        #expect(meter.walked(usage(560), room: room(less: 300), at: .seconds(2)) == nil)
        #expect(!meter.needsWalk(room: room(less: 340), at: .seconds(3)))
        #expect(meter.needsWalk(room: room(less: 341), at: .seconds(3)))
    }

    @Test("is looked for now and then though the room grows, for others may free what it takes")
    func inAnyCase() {
        let meter = begun()
        #expect(!meter.needsWalk(room: Self.plenty, at: .seconds(59)))
        #expect(meter.needsWalk(room: Self.plenty, at: .seconds(60)))
    }

    @Test("is all that is gone from the room where it hides something")
    func hidden() {
        var meter = begun()
        #expect(
            meter.walked(usage(500, isComplete: false), room: room(less: 100), at: .seconds(1)) == nil)
        #expect(
            meter.walked(usage(500, isComplete: false), room: room(less: 101), at: .seconds(2))
                == .disk(bytesMax: 100))
    }

    @Test("is looked for more often where the file system does not say how many files it holds")
    func uncounted() {
        let uncounted = DiskMeter.Room(bytes: 1_000_000, files: nil)
        var meter = DiskMeter(bytesMax: 100, filesMax: 20)
        #expect(meter.walked(usage(500), room: uncounted, at: .zero) == nil)
        #expect(!meter.needsWalk(room: uncounted, at: .seconds(4)))
        #expect(meter.needsWalk(room: uncounted, at: .seconds(5)))
    }
}
