import Git

/// Brings files into the form in which they are committed, by the attributes of one base tree.
///
/// git leaves carriage returns alone where it decides by itself (`text=auto`) and the committed file is a
/// text that has them. libgit2 does so also where that file is binary, so it is shown the committed file only
/// in git's case.
struct Normaliser {
    /// Knows the base's `.gitattributes` and nothing else.
    private let plain: GitRepository
    /// Knows all files of the base.
    private let knowing: GitRepository
    private let blobs: [GitPath: GitID]

    private static let bytesMax = 256 << 20

    init(scratch: String, base: GitID, entries: [GitEntry]) throws(GitError) {
        plain = try GitRepository(bareAt: scratch)
        try plain.readAttributes(from: entries.filter { $0.isNamed(".gitattributes") })
        knowing = try GitRepository(bareAt: scratch)
        try knowing.readAttributes(from: base)
        blobs = Dictionary(
            entries.filter(\.isFile).map { ($0.path, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    func normalise(_ bytes: [UInt8], at path: GitPath) throws(GitError) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "\r")) else { return bytes }
        var repository = plain
        if let id = blobs[path], let committed = try plain.read(id, bytesMax: Self.bytesMax)?.bytes,
            Self.isTextWithCarriageReturns(committed)
        {
            repository = knowing
        }
        return try repository.normalised(bytes, at: path)
    }

    /// As `gather_stats` and `convert_is_binary` of git's `convert.c` decide.
    private static func isTextWithCarriageReturns(_ bytes: [UInt8]) -> Bool {
        var (pairs, printable, nonprintable) = (0, 0, 0)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x0D:
                guard index < bytes.count, bytes[index] == 0x0A else { return false }
                pairs += 1
                index += 1
            case 0x0A: continue
            case 0: return false
            case 0x7F: nonprintable += 1
            case 0x08, 0x09, 0x1B, 0x0C: printable += 1
            case 0x01..<0x20: nonprintable += 1
            default: printable += 1
            }
        }
        // A Control-Z at the end is a DOS end of file.
        if bytes.last == 0x1A { nonprintable -= 1 }
        return pairs > 0 && printable >> 7 >= nonprintable
    }
}

extension GitEntry {
    /// A regular file that bears this name in whatever folder.
    func isNamed(_ name: String) -> Bool {
        isFile && path.components.last.map { $0.elementsEqual(name.utf8) } == true
    }
    var isFile: Bool { !isTree && !isSymlink && !isSubmodule }
}
