import Git
import Glibc
import Linux

extension PristineRecord {
    /// Describes the files of a tree as they lie in a folder now. Nobody else may be at work there.
    static func draft(of tree: GitID, in root: String, readingFrom repository: GitRepository) throws -> Draft
    {
        var draft = Draft(tree: tree)
        draft.setTaken(try FileClock.nextTick())
        var taking = Taking(repository: repository, draft: draft)
        _ = try taking.add(tree, .folder(FolderReader(root: root)), depth: 0)
        return taking.draft
    }

    /// Describes another tree: what an earlier record says of a file that both have counts on, of any other
    /// nothing is known. No file is looked at, so somebody may be at work there.
    ///
    /// - Parameter earlier: nil: nothing is vouched for.
    static func draft(
        of tree: GitID, following earlier: PristineRecord?, readingFrom repository: GitRepository
    ) throws -> Draft {
        var draft = Draft(tree: tree)
        if let earlier { draft.setTaken(earlier.taken) }
        var taking = Taking(repository: repository, draft: draft)
        let source = earlier.map { Taking.Source.record($0, $0.rootEntries) } ?? .nothing
        _ = try taking.add(tree, source, depth: 0)
        return taking.draft
    }

    fileprivate struct Taking {
        /// What is known of one folder.
        enum Source {
            case nothing
            case folder(FolderReader)
            case record(PristineRecord, Range<Int>)
        }
        let repository: GitRepository
        var draft: Draft

        mutating func add(_ tree: GitID, _ source: Source, depth: Int) throws -> Range<Int> {
            guard depth < ReadingLimits().depthMax else { return draft.append([]) }
            let entries = try repository.entries(ofTree: tree).sorted { $0.path < $1.path }
            guard draft.count + entries.count <= RepositoryStore.treeEntriesMax else {
                throw WorktreeError.tooLarge(
                    path: "The base", what: "files", limit: RepositoryStore.treeEntriesMax)
            }
            let places = draft.append(entries)
            var source = source
            for (index, entry) in zip(places, entries) {
                if entry.isTree {
                    draft.setEntries(try add(entry.id, source.inside(entry), depth: depth + 1), of: index)
                } else if let status = source.status(of: entry) {
                    draft.setStatus(status, of: index)
                }
            }
            return places
        }
    }
}

extension PristineRecord.Taking.Source {
    /// What is known of a folder in this one.
    fileprivate mutating func inside(_ entry: GitEntry) -> Self {
        switch self {
        case .nothing: return .nothing
        case .folder(let folder):
            return FolderReader(entry.path.bytes, in: folder).map { .folder($0) } ?? .nothing
        case .record(let record, _):
            guard let index = find(entry), record.mode(index) & GitEntry.kindMask == GitEntry.treeMode else {
                return .nothing
            }
            return .record(record, record.entries(of: index))
        }
    }

    /// How the kernel describes a file that is surely the entry's; nil where that is not known.
    fileprivate mutating func status(of entry: GitEntry) -> stat? {
        switch self {
        case .nothing: return nil
        case .folder(let folder):
            return folder.status(of: entry.path.bytes).flatMap { entry.isKind(of: $0) ? $0 : nil }
        case .record(let record, _):
            guard let index = find(entry), record.mode(index) == entry.mode, record.id(index) == entry.id
            else { return nil }
            return record.status(index)
        }
    }

    /// The entry of that name; asked for in the order of the names, so that what comes before is dropped.
    private mutating func find(_ entry: GitEntry) -> Int? {
        guard case .record(let record, var range) = self else { return nil }
        defer { self = .record(record, range) }
        return FolderReader.withName(entry.path.bytes) { name in
            while let index = range.first {
                let order = strcmp(record.name(index), name)
                if order >= 0 { return order == 0 ? index : nil }
                range = (index + 1)..<range.upperBound
            }
            return nil
        }
    }
}

extension GitEntry {
    /// Whether a file is the kind of thing that the entry says.
    fileprivate func isKind(of status: stat) -> Bool {
        switch status.st_mode & S_IFMT {
        case S_IFREG: isFile && (mode & 0o100 != 0) == (status.st_mode & S_IXUSR != 0)
        case S_IFLNK: isSymlink
        default: false
        }
    }
}
