import FoundationEssentials
import Glibc
import Linux
import Vocabulary

/// Reads a spool, whole lines only; a line still being written is not seen yet.
package struct SpoolReader: ~Copyable {
    static let chunkBytes = 64 << 10
    private let path: String
    private let file: Descriptor
    private var offset: Int
    private var buffer: [UInt8] = []
    /// How many whole lines of the file have been returned.
    private(set) var lineCount: Int

    /// nil when there is no spool yet.
    package init?(path: String, from place: SpoolPlace = SpoolPlace()) throws(SpoolError) {
        self.path = path
        offset = place.bytes
        lineCount = place.lines
        do throws(SystemError) {
            file = try Descriptor.open(path, flags: O_RDONLY | O_NOFOLLOW)
        } catch {
            if error.isNotFound { return nil }
            throw .unusable(path: path, error)
        }
    }

    /// How many bytes the returned lines have, line ends included.
    var wholeBytes: Int { offset - buffer.count }

    /// The next whole lines, each with its line end; empty when there is none now.
    mutating func nextLines() throws(SpoolError) -> [ArraySlice<UInt8>] {
        while true {
            let chunk = try readChunk()
            buffer += chunk
            guard let end = buffer.lastIndex(of: UInt8(ascii: "\n")) else {
                if chunk.isEmpty { return [] }
                continue
            }
            let whole = Array(buffer[...end])
            buffer.removeSubrange(...end)
            let lines = whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .dropLast()
            lineCount += lines.count
            return Array(lines)
        }
    }

    /// The next entries; empty when there is none now.
    package mutating func nextEntries() throws(SpoolError) -> [SpoolEntry] {
        var entries: [SpoolEntry] = []
        let before = lineCount
        for (index, line) in try nextLines().enumerated() {
            guard let entry = SpoolReader.entry(Data(line)) else {
                throw .damaged(path: path, line: before + index + 1)
            }
            entries.append(entry)
        }
        return entries
    }

    static func entry(_ line: Data) -> SpoolEntry? {
        // Not a cause lost: the caller names the line.
        try? JSONDecoder().decode(SpoolEntry.self, from: line)
    }

    private mutating func readChunk() throws(SpoolError) -> [UInt8] {
        do throws(SystemError) {
            let (path, offset) = (path, offset)
            let bytes = try file.withRawValue("pread") { number throws(SystemError) in
                var failure: SystemError?
                let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
                    var got = pread(number, buffer.baseAddress, Self.chunkBytes, off_t(offset))
                    while got < 0 && errno == EINTR {
                        got = pread(number, buffer.baseAddress, Self.chunkBytes, off_t(offset))
                    }
                    if got < 0 { failure = SystemError(call: "read", subject: path) }
                    count = max(got, 0)
                }
                if let failure { throw failure }
                return bytes
            }
            self.offset += bytes.count
            return bytes
        } catch {
            throw .unusable(path: path, error)
        }
    }
}

/// How far a reader is in a spool: behind so many whole lines.
package struct SpoolPlace: Hashable, Sendable {
    var bytes = 0
    var lines = 0
    package init() {}
}

/// What one look at a spool brought.
struct SpoolBatch: Sendable {
    var entries: [SpoolEntry] = []
    /// Whether what was read ends with the entry that nothing follows.
    var hasEnded = false
    /// Where the next look begins.
    var place: SpoolPlace
}

extension SpoolReader {
    /// The next entries after a number; lines up to that are passed over, for the number is the line's.
    ///
    /// Throws `damaged` only when the line is the next one: what stands before it is returned first.
    static func batch(of path: String, from place: SpoolPlace, after last: Int) throws(SpoolError)
        -> SpoolBatch
    {
        var batch = SpoolBatch(place: place)
        guard var reader = try SpoolReader(path: path, from: place) else { return batch }
        while batch.entries.isEmpty {
            let lines = try reader.nextLines()
            if lines.isEmpty { break }
            for line in lines {
                let isPassedOver = batch.place.lines < last
                // Of those that are passed over, only the last one says anything.
                if !isPassedOver || batch.place.lines == last - 1 {
                    guard let entry = entry(Data(line)) else {
                        guard batch.entries.isEmpty else { return batch }
                        throw .damaged(path: path, line: batch.place.lines + 1)
                    }
                    batch.hasEnded = entry.isLast
                    if !isPassedOver { batch.entries.append(entry) }
                }
                batch.place.bytes += line.count + 1
                batch.place.lines += 1
            }
        }
        return batch
    }
}
