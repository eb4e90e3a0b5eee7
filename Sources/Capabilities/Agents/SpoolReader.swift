import FoundationEssentials
import Glibc
import Linux
import Vocabulary

/// Reads a spool from its beginning, whole lines only; a line still being written is not seen yet.
package struct SpoolReader: ~Copyable {
    static let chunkBytes = 64 << 10
    private let path: String
    private let file: Descriptor
    private var offset = 0
    private var buffer: [UInt8] = []
    /// How many whole lines have been returned.
    private(set) var lineCount = 0

    /// nil when there is no spool yet.
    package init?(path: String) throws(SpoolError) {
        self.path = path
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
