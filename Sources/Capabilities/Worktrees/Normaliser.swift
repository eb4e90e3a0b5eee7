import Git

/// Brings files into the form in which they are committed, by the attributes of one base tree.
///
/// git leaves carriage returns alone where it decides by itself (`text=auto`) and the committed file is a
/// text that has them. libgit2 does so also where that file is binary, so it is shown the committed file only
/// in git's case.
///
/// Only what a file needs is read: the `.gitattributes` of the base in the folders above it, and only for a
/// file with a carriage return in it, for no other can change.
final class Normaliser {
    /// Knows the base's `.gitattributes` and nothing else.
    private let plain: View
    /// Knows the committed files as well.
    private let knowing: View
    private let base: GitID
    private let objects: GitRepository
    private var foldersSeen: Set<GitPath> = []

    /// A handle on the repository, and the files it believes to be committed.
    private struct View {
        let repository: GitRepository
        let index: GitMemoryIndex

        init(_ path: String) throws(GitError) {
            repository = try GitRepository(bareAt: path)
            index = try GitMemoryIndex()
            try repository.readAttributes(from: index)
        }
    }

    private static let bytesMax = 256 << 20

    /// - Parameter base: the tree whose attributes count.
    init(scratch: String, base: GitID, objects: GitRepository) throws(GitError) {
        (plain, knowing) = (try View(scratch), try View(scratch))
        self.base = base
        self.objects = objects
    }

    func normalise(_ bytes: [UInt8], at path: GitPath) throws(GitError) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "\r")) else { return bytes }
        try learnAttributes(of: path)
        var view = plain
        if let entry = try objects.entry(at: path, inTree: base), entry.isFile,
            let committed = try objects.read(entry.id, bytesMax: Self.bytesMax)?.bytes,
            Self.isTextWithCarriageReturns(committed)
        {
            try knowing.index.add(entry)
            view = knowing
        }
        return try view.repository.normalised(bytes, at: path)
    }

    /// The bytes as a checkout has them: the line ends that the attributes ask for.
    func checkedOut(_ bytes: [UInt8], at path: GitPath) throws(GitError) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "\n")) else { return bytes }
        try learnAttributes(of: path)
        return try plain.repository.checkedOut(bytes, at: path)
    }

    /// Shows both views the attributes of all folders above a path, before the first question about it.
    private func learnAttributes(of path: GitPath) throws(GitError) {
        var folder = path.parent
        while true {
            guard foldersSeen.insert(folder ?? GitPath("")).inserted else { return }
            let place = (folder ?? GitPath("")).appending(Array(".gitattributes".utf8))
            if let entry = try objects.entry(at: place, inTree: base), entry.isFile {
                try plain.index.add(entry)
                try knowing.index.add(entry)
            }
            guard let next = folder else { return }
            folder = next.parent
        }
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
