/// How much a sandbox has written, with as few walks through its folders as will do.
///
/// A walk through 100,000 files takes a third of a second, a look at the free room of their file system
/// microseconds. What the folders grew by is at most what the room has shrunk by, so they are walked through
/// when it has shrunk by all that may still be written, and now and then because others free room meanwhile.
/// What is written between two looks, and what is hidden for ``walkInterval`` by others that free room, is
/// what a sandbox can write beyond its limit.
struct DiskMeter: Hashable, Sendable {
    struct Room: Hashable, Sendable {
        var bytes: UInt64
        /// nil: not every file system tells.
        var files: UInt64?
    }
    struct Usage: Hashable, Sendable {
        var bytes: UInt64
        var files: UInt64
        /// Whether all folders could be looked into.
        var isComplete = true
    }

    /// The longest without a walk.
    static let walkInterval: Duration = .seconds(60)
    /// The same where only a walk tells how many files there are.
    static let countInterval: Duration = .seconds(5)

    private let bytesMax: UInt64
    private let filesMax: UInt64
    /// What was there when the sandbox began.
    private var first: Usage?
    private var grown = Usage(bytes: 0, files: 0)
    private var firstRoom = Room(bytes: 0, files: 0)
    private var roomThen = Room(bytes: 0, files: 0)
    private var walkedAt: Duration = .zero

    init(bytesMax: UInt64, filesMax: UInt64) {
        self.bytesMax = bytesMax
        self.filesMax = filesMax
    }

    /// Whether the folders must be walked through to know more.
    func needsWalk(room: Room, at now: Duration) -> Bool {
        let interval = room.files == nil ? Self.countInterval : Self.walkInterval
        guard first != nil, now - walkedAt < interval else { return true }
        let lessBytes = roomThen.bytes - min(room.bytes, roomThen.bytes)
        let lessFiles = Self.less(room.files, than: roomThen.files)
        return lessBytes > bytesMax - min(grown.bytes, bytesMax)
            || lessFiles > filesMax - min(grown.files, filesMax)
    }

    private static func less(_ files: UInt64?, than before: UInt64?) -> UInt64 {
        guard let files, let before else { return 0 }
        return before - min(files, before)
    }

    /// Takes in what a walk found; `room` as it was before the walk. Answers what is too much.
    mutating func walked(_ usage: Usage, room: Room, at now: Duration) -> ResourceExcess? {
        let start = first ?? usage
        if first == nil { firstRoom = room }
        first = start
        roomThen = room
        walkedAt = now
        grown = Usage(
            bytes: usage.bytes - min(start.bytes, usage.bytes),
            files: usage.files - min(start.files, usage.files))
        if !usage.isComplete {
            // It hides something: all that is gone from the room may be its doing.
            grown.bytes = max(grown.bytes, firstRoom.bytes - min(room.bytes, firstRoom.bytes))
            grown.files = max(grown.files, Self.less(room.files, than: firstRoom.files))
        }
        if grown.bytes > bytesMax { return .disk(bytesMax: bytesMax) }
        if grown.files > filesMax { return .files(max: filesMax) }
        return nil
    }
}
