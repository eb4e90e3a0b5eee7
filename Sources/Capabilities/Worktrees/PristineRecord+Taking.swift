import Git
import Glibc
import Linux

extension PristineRecord {
    /// Describes the files of a tree as they lie in a folder now. Nobody else may be at work there.
    ///
    /// - Parameters:
    ///   - root: nil: nothing is looked at, and nothing vouched for.
    ///   - doubted: paths whose files are not what the tree has; what is below them is not either.
    static func draft(
        of tree: GitID, in root: String?, readingFrom repository: GitRepository, doubted: Set<GitPath> = []
    ) throws -> Draft {
        var draft = Draft(tree: tree)
        if root != nil { draft.setTaken(try Self.nextTick()) }
        let folder = try root.map { try FolderReader(root: $0) }
        var reader = Taking(repository: repository, doubted: doubted, draft: draft)
        _ = try reader.add(tree, folder, depth: 0)
        return reader.draft
    }

    private struct Taking {
        let repository: GitRepository
        let doubted: Set<GitPath>
        var draft: Draft

        mutating func add(_ tree: GitID, _ folder: FolderReader?, depth: Int) throws -> Range<Int> {
            guard depth < ReadingLimits().depthMax else { return draft.append([]) }
            let entries = try repository.entries(ofTree: tree).sorted { $0.path < $1.path }
            guard draft.count + entries.count <= RepositoryStore.treeEntriesMax else {
                throw WorktreeError.tooLarge(
                    path: "The base", what: "files", limit: RepositoryStore.treeEntriesMax)
            }
            let places = draft.append(entries)
            for (index, entry) in zip(places, entries) {
                let name = entry.path.bytes
                let isDoubted = folder.map { doubted.contains($0.path.appending(name)) } ?? true
                if entry.isTree {
                    let inside = isDoubted ? nil : folder.flatMap { FolderReader(name, in: $0) }
                    draft.setEntries(try add(entry.id, inside, depth: depth + 1), of: index)
                } else if !isDoubted, let status = folder?.status(of: name), entry.isKind(of: status) {
                    draft.setStatus(status, of: index)
                }
            }
            return places
        }
    }

    private static let ticksMax = 1000

    /// Waits until the clock by which files change has moved on, so that what was written just now lies
    /// before it.
    private static func nextTick() throws -> timespec {
        func now() -> timespec {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME_COARSE, &time)
            return time
        }
        let start = now()
        var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        for _ in 0..<ticksMax {
            let time = now()
            if (time.tv_sec, time.tv_nsec) > (start.tv_sec, start.tv_nsec) { return time }
            nanosleep(&pause, nil)
        }
        throw SystemError(code: ETIME, call: "clock_gettime", subject: "the clock of the files")
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
