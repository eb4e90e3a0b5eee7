import Git
import Glibc

/// What a tree has in one folder, by name: the one side of every comparison with what lies on the disk.
struct KnownChildren {
    private enum Source {
        case nothing
        /// With how the kernel described each.
        case recorded(PristineRecord, Range<Int>)
        /// Sorted by the bytes of the names.
        case listed([GitEntry])
    }
    private let source: Source
    let count: Int

    static var none: KnownChildren { KnownChildren(source: .nothing, count: 0) }

    private init(source: Source, count: Int) {
        self.source = source
        self.count = count
    }

    init(_ record: PristineRecord, _ range: Range<Int>) {
        self.init(source: .recorded(record, range), count: range.count)
    }

    /// The names directly in one tree.
    init(tree: GitID, from repository: GitRepository) throws(GitError) {
        let entries = try repository.entries(ofTree: tree).sorted { $0.path < $1.path }
        self.init(source: .listed(entries), count: entries.count)
    }

    /// Below zero: the known name comes first; zero: they are equal.
    func compare(_ index: Int, with name: UnsafePointer<CChar>) -> Int32 {
        switch source {
        case .nothing: return 1
        case .recorded(let record, let range): return strcmp(record.name(range.lowerBound + index), name)
        case .listed(let entries):
            let bytes = entries[index].path.bytes
            for (offset, byte) in bytes.enumerated() {
                let other = UInt8(bitPattern: name[offset])
                if byte != other { return byte < other ? -1 : 1 }
            }
            return name[bytes.count] == 0 ? 0 : -1
        }
    }

    func mode(_ index: Int) -> UInt32 {
        switch source {
        case .nothing: 0
        case .recorded(let record, let range): record.mode(range.lowerBound + index)
        case .listed(let entries): entries[index].mode
        }
    }

    func name(_ index: Int) -> [UInt8] {
        switch source {
        case .nothing: []
        case .recorded(let record, let range):
            GitPath(cString: record.name(range.lowerBound + index)).bytes
        case .listed(let entries): entries[index].path.bytes
        }
    }

    /// Whether a file is surely as the tree has it.
    func vouches(for index: Int, _ status: stat) -> Bool {
        guard case .recorded(let record, let range) = source else { return false }
        return record.vouches(for: range.lowerBound + index, status)
    }

    /// What lies in a folder.
    func children(_ index: Int, from repository: GitRepository) throws(GitError) -> KnownChildren {
        switch source {
        case .nothing: .none
        case .recorded(let record, let range):
            KnownChildren(record, record.entries(of: range.lowerBound + index))
        case .listed(let entries): try KnownChildren(tree: entries[index].id, from: repository)
        }
    }

    /// The id of a file by its name; nil when there is none.
    func file(named name: StaticString) -> GitID? {
        name.withUTF8Buffer { wanted in
            let wanted = Array(wanted)
            for index in 0..<count
            where mode(index) & GitEntry.kindMask == 0o100000 && self.name(index) == wanted {
                return id(index)
            }
            return nil
        }
    }

    private func id(_ index: Int) -> GitID {
        switch source {
        case .nothing: .zero
        case .recorded(let record, let range): record.id(range.lowerBound + index)
        case .listed(let entries): entries[index].id
        }
    }
}
