import Git
import Glibc
import Linux

/// What a checkout held when the server last wrote it, before any agent: the tree, and how the kernel
/// described each file of it.
///
/// A file that the kernel still describes so holds what the tree has: everything else is read again at every
/// snapshot, and no snapshot updates the record. It must not: what a program writes into memory that it
/// mapped need not move the times again after somebody has read the file, so "unchanged since the last
/// snapshot" cannot be seen. "Unchanged since before the agent" can, because the first change moves the
/// time of change, which nobody but the kernel sets.
///
/// The entries of one folder lie side by side, sorted by the bytes of their names, those of the folders in it
/// further behind. One that is stale is only slow: what differs from it is read.
final class PristineRecord {
    /// The tree that was written.
    let tree: GitID
    private let memory: UnsafeMutableRawPointer
    private let byteCount: Int

    /// Where things lie in an entry. All numbers in the machine's own order: no file is carried elsewhere.
    private enum Field {
        static let nameOffset = 0
        static let mode = 4
        /// The id of a file; for a folder the index of its first entry and how many there are.
        static let id = 8
        static let (first, count) = (8, 12)
        static let size = 32
        static let (modifiedSeconds, changedSeconds) = (40, 48)
        static let (modifiedNanoseconds, changedNanoseconds) = (56, 60)
        static let inode = 64
    }
    private static let entrySize = 72

    private enum Header {
        static let title = 0
        static let tree = 8
        static let entryCount = 28
        static let takenSeconds = 32
        static let takenNanoseconds = 40
        static let rootCount = 44
        static let size = 48
    }
    private static let title: UInt64 = 0x3130_6472_6F63_6572  // "record01"
    private static let bytesMax = 1 << 30

    private init(memory: UnsafeMutableRawPointer, byteCount: Int) {
        self.memory = memory
        self.byteCount = byteCount
        tree = GitID(rawBytes: UnsafeRawBufferPointer(start: memory + Header.tree, count: 20))
    }

    deinit { memory.deallocate() }

    private func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        memory.loadUnaligned(fromByteOffset: offset, as: type)
    }
    private func field<Value: BitwiseCopyable>(_ index: Int, _ field: Int, as type: Value.Type) -> Value {
        load(Header.size + index * Self.entrySize + field, as: type)
    }
}

extension PristineRecord {
    var rootEntries: Range<Int> { 0..<Int(load(Header.rootCount, as: UInt32.self)) }
    private var entryCount: Int { Int(load(Header.entryCount, as: UInt32.self)) }

    /// The name with its closing zero.
    func name(_ index: Int) -> UnsafePointer<CChar> {
        let offset = Int(field(index, Field.nameOffset, as: UInt32.self))
        return UnsafePointer(
            (memory + Header.size + entryCount * Self.entrySize + offset).assumingMemoryBound(to: CChar.self))
    }
    func mode(_ index: Int) -> UInt32 { field(index, Field.mode, as: UInt32.self) }
    func id(_ index: Int) -> GitID {
        let start = memory + Header.size + index * Self.entrySize + Field.id
        return GitID(rawBytes: UnsafeRawBufferPointer(start: start, count: 20))
    }
    /// The clock that files change by, read before the first of them was looked at.
    var taken: timespec {
        timespec(
            tv_sec: Int(load(Header.takenSeconds, as: Int64.self)),
            tv_nsec: Int(load(Header.takenNanoseconds, as: UInt32.self)))
    }
    /// How the kernel described a file, as far as it is kept; all zero where nothing is vouched for.
    func status(_ index: Int) -> stat {
        var status = stat()
        status.st_size = Int(field(index, Field.size, as: Int64.self))
        status.st_mtim = timespec(
            tv_sec: Int(field(index, Field.modifiedSeconds, as: Int64.self)),
            tv_nsec: Int(field(index, Field.modifiedNanoseconds, as: UInt32.self)))
        status.st_ctim = timespec(
            tv_sec: Int(field(index, Field.changedSeconds, as: Int64.self)),
            tv_nsec: Int(field(index, Field.changedNanoseconds, as: UInt32.self)))
        status.st_ino = UInt(field(index, Field.inode, as: UInt64.self))
        return status
    }
    /// What lies in a folder.
    func entries(of index: Int) -> Range<Int> {
        let first = Int(field(index, Field.first, as: UInt32.self))
        return first..<(first + Int(field(index, Field.count, as: UInt32.self)))
    }

    /// Whether the kernel describes a file as it did when the record was taken, and could not describe a
    /// later one so: its time of change must lie before the clock then, or a change in the same tick would
    /// not show.
    func vouches(for index: Int, _ status: stat) -> Bool {
        let changed = field(index, Field.changedSeconds, as: Int64.self)
        let nanoseconds = field(index, Field.changedNanoseconds, as: UInt32.self)
        guard Int64(status.st_ctim.tv_sec) == changed,
            UInt32(truncatingIfNeeded: status.st_ctim.tv_nsec) == nanoseconds,
            UInt64(status.st_ino) == field(index, Field.inode, as: UInt64.self),
            Int64(status.st_size) == field(index, Field.size, as: Int64.self),
            Int64(status.st_mtim.tv_sec) == field(index, Field.modifiedSeconds, as: Int64.self),
            UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec)
                == field(index, Field.modifiedNanoseconds, as: UInt32.self)
        else { return false }
        let taken = taken
        // Where times have no fractions, a whole second and more must lie between.
        if nanoseconds == 0 { return changed + Self.coarseSeconds < Int64(taken.tv_sec) }
        return (changed, Int64(nanoseconds)) < (Int64(taken.tv_sec), Int64(taken.tv_nsec))
    }
    private static let coarseSeconds: Int64 = 2

    /// Reads a record; nil when there is none, or none that is whole.
    static func read(_ path: String) throws(SystemError) -> PristineRecord? {
        guard Files.exists(path) else { return nil }
        let descriptor = try Descriptor.open(path, flags: O_RDONLY)
        return try descriptor.withRawValue("read") { number throws(SystemError) -> PristineRecord? in
            var status = stat()
            guard fstat(number, &status) == 0 else { throw SystemError(call: "fstat", subject: path) }
            let count = Int(status.st_size)
            guard count >= Header.size, count <= bytesMax else { return nil }
            let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8)
            var done = 0
            while done < count {
                let got = Glibc.read(number, memory + done, count - done)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else {
                    memory.deallocate()
                    if got < 0 { throw SystemError(call: "read", subject: path) }
                    return nil
                }
                done += got
            }
            let record = PristineRecord(memory: memory, byteCount: count)
            return record.isWhole ? record : nil
        }
    }

    /// Whether every number in it points to where it may.
    private var isWhole: Bool {
        let names = byteCount - Header.size - entryCount * Self.entrySize
        guard load(Header.title, as: UInt64.self) == Self.title, names > 0,
            rootEntries.upperBound <= entryCount,
            load(byteCount - 1, as: UInt8.self) == 0
        else { return false }
        for index in 0..<entryCount {
            guard Int(field(index, Field.nameOffset, as: UInt32.self)) < names else { return false }
            guard mode(index) & GitEntry.kindMask == GitEntry.treeMode else { continue }
            let inside = entries(of: index)
            // Always further behind, so no folder is inside itself.
            guard inside.lowerBound > index, inside.upperBound <= entryCount else { return false }
        }
        return true
    }
}

extension PristineRecord {
    /// Builds a record entry by entry.
    struct Draft {
        fileprivate var entries: [UInt8] = []
        fileprivate var names: [UInt8] = [0]
        private let tree: GitID
        private(set) var count = 0
        private var rootCount = 0
        private var taken = timespec()

        init(tree: GitID) { self.tree = tree }

        /// Adds what lies in one folder, sorted by the bytes of the names, and answers where.
        mutating func append(_ listed: [GitEntry]) -> Range<Int> {
            let first = count
            entries.append(contentsOf: repeatElement(0, count: listed.count * PristineRecord.entrySize))
            count += listed.count
            if first == 0 { rootCount = listed.count }
            for (index, entry) in zip(first..., listed) {
                put(UInt32(truncatingIfNeeded: names.count), Field.nameOffset, of: index)
                names += entry.path.bytes + [0]
                put(entry.mode, Field.mode, of: index)
                guard !entry.isTree else { continue }
                let start = index * PristineRecord.entrySize + Field.id
                entries.replaceSubrange(start..<(start + 20), with: entry.id.rawBytes)
            }
            return first..<count
        }

        mutating func setEntries(_ inside: Range<Int>, of index: Int) {
            put(UInt32(truncatingIfNeeded: inside.lowerBound), Field.first, of: index)
            put(UInt32(truncatingIfNeeded: inside.count), Field.count, of: index)
        }

        mutating func setStatus(_ status: stat, of index: Int) {
            put(Int64(status.st_size), Field.size, of: index)
            put(Int64(status.st_mtim.tv_sec), Field.modifiedSeconds, of: index)
            put(UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec), Field.modifiedNanoseconds, of: index)
            put(Int64(status.st_ctim.tv_sec), Field.changedSeconds, of: index)
            put(UInt32(truncatingIfNeeded: status.st_ctim.tv_nsec), Field.changedNanoseconds, of: index)
            put(UInt64(status.st_ino), Field.inode, of: index)
        }

        /// The clock that files change by, read before the first of them was looked at.
        mutating func setTaken(_ time: timespec) { taken = time }

        private mutating func put<Value: BitwiseCopyable>(_ value: Value, _ field: Int, of index: Int) {
            entries.withUnsafeMutableBytes {
                $0.storeBytes(
                    of: value, toByteOffset: index * PristineRecord.entrySize + field, as: Value.self)
            }
        }

        var bytes: [UInt8] {
            var header = [UInt8](repeating: 0, count: Header.size)
            header.replaceSubrange(Header.tree..<(Header.tree + 20), with: tree.rawBytes)
            header.withUnsafeMutableBytes {
                $0.storeBytes(of: PristineRecord.title, toByteOffset: Header.title, as: UInt64.self)
                $0.storeBytes(of: UInt32(count), toByteOffset: Header.entryCount, as: UInt32.self)
                $0.storeBytes(of: UInt32(rootCount), toByteOffset: Header.rootCount, as: UInt32.self)
                $0.storeBytes(of: Int64(taken.tv_sec), toByteOffset: Header.takenSeconds, as: Int64.self)
                $0.storeBytes(
                    of: UInt32(truncatingIfNeeded: taken.tv_nsec), toByteOffset: Header.takenNanoseconds,
                    as: UInt32.self)
            }
            return header + entries + names
        }
    }

    /// A record in memory, which was never on a disk.
    convenience init(_ draft: Draft) {
        let bytes = draft.bytes
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 8)
        bytes.withUnsafeBytes {
            memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count)
        }
        self.init(memory: memory, byteCount: bytes.count)
    }
}
