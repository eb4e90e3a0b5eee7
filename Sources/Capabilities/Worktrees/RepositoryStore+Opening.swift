import Git
import Glibc
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Makes a worktree one that a person can look at and work in: all its files at its path, ignored ones
    /// too, owned by the server's user, and a `git status` there that shows what the task changed.
    ///
    /// An overlay becomes a checkout: 1. base and upper layer are put together beside it  2. the result takes
    /// the place it was mounted at  3. the marker says so  4. the index of the registration is made, unless
    /// there is one  5. the layers go. Cut anywhere, the next call finishes it; until 5 nothing is lost that
    /// was there before. No session may live in it.
    ///
    /// - Parameter refusal: why it may not be opened just now; asked when nothing else changes it any more.
    package func materialise(
        _ worktree: PreparedWorktree, refusal: @Sendable () async -> Problem? = { nil }
    ) async throws(WorktreeError) -> PreparedWorktree {
        let name = worktree.name
        return try await explaining {
            try await oneAtATime(state.worktree(name)) {
                try await refuse(refusal)
                guard var worktree = try readMarker(name) else {
                    throw WorktreeError.noSuchWorktree(path: state.worktree(name))
                }
                if let layers = worktree.layers { try await putTogether(layers, of: worktree) }
                worktree.layers = nil
                worktree.isOpened = true
                try Files.writeAtomically(state.marker(name), text: JSONText.line(encoding: worktree))
                try crash("marker says checkout")
                if worktree.owner != nil, SystemIdentity.isRoot {
                    try Files.changeOwner(
                        tree: worktree.path, uid: SystemIdentity.effectiveUID, gid: UInt32(getegid()))
                }
                try crash("files given away")
                try await writeRegistrationIndex(of: worktree)
                try crash("index made")
                try Files.removeTree(state.layersFolder(name))
                try crash("layers gone")
                return worktree
            }
        }
    }

    /// Gives a worktree that was opened for a person back to its session's uid.
    ///
    /// - Returns: what it is by now; an overlay may have become a checkout.
    package func handBack(_ worktree: PreparedWorktree) async throws(WorktreeError) -> PreparedWorktree {
        let name = worktree.name
        return try await explaining {
            try await oneAtATime(state.worktree(name)) {
                guard let worktree = try readMarker(name) else {
                    throw WorktreeError.noSuchWorktree(path: state.worktree(name))
                }
                return try handBackAlone(worktree)
            }
        }
    }

    /// Within the worktree's turnstile.
    func handBackAlone(_ worktree: PreparedWorktree) throws -> PreparedWorktree {
        guard worktree.isOpened == true else { return worktree }
        var worktree = worktree
        if let uid = worktree.owner, SystemIdentity.isRoot {
            // A person may have linked files of their own into it.
            try Files.separateLinks(tree: worktree.path, ownedBy: uid)
            try Files.changeOwner(tree: worktree.path, uid: uid, gid: uid)
        }
        worktree.isOpened = nil
        try Files.writeAtomically(state.marker(worktree.name), text: JSONText.line(encoding: worktree))
        return worktree
    }

    /// Why a worktree may not be changed just now; nil: it may. Asked once a deed's turn has come, for until
    /// then a session may have begun.
    package typealias Refusal = @Sendable () async -> Problem?

    func refuse(_ refusal: Refusal) async throws(WorktreeError) {
        if let problem = await refusal() { throw .inUse(problem) }
    }

    /// Steps 1 and 2. Both are done once the very folder that was put together lies at the path; anything
    /// else there is somebody's, and stays.
    private func putTogether(_ layers: OverlayLayers, of worktree: PreparedWorktree) async throws {
        let path = state.worktree(worktree.name)
        let folder = "\(state.layersFolder(worktree.name))/open"
        let record = "\(folder)/identity"
        if Files.exists(record), Files.isDirectory(path),
            try Files.readText(record, bytesMax: 100) == identity(of: path)
        {
            return
        }
        if Files.exists(path) {
            let strangers = try Files.list(path).filter { $0 != ".git" }.sorted()
            guard strangers.isEmpty else {
                throw WorktreeError.placeTaken(path: path, names: strangers)
            }
        }
        // First the word for it, then the folder it is about.
        try Files.removeTree(record)
        try Files.removeTree(folder)
        let (draft, trash) = ("\(folder)/files", "\(folder)/trash")
        for place in [folder, draft, trash] { try Files.makeDirectory(place, mode: 0o700) }
        let index = "\(folder)/index"
        try await checkOut(try GitID(worktree.base), at: draft, index: index)
        try crash("base copied")
        let writer = FolderWriter(root: draft, trash: trash)
        try LayerEntry.walk(layers.upper) { entry, folder in
            if entry.isFolder {
                let isThere = writer.mode(of: entry.path).map { $0 & S_IFMT == S_IFDIR } ?? false
                if !isThere || folder?.isOpaque == true { try writer.clear(entry.path) }
                // Its own mode comes once all is in it.
                try writer.makeFolder(entry.path, mode: 0o700)
            } else {
                try writer.clear(entry.path)
                if !entry.isWhiteout { try writer.link(entry.path, from: layers.upper) }
            }
            try crash("entry put together")
        } leaving: {
            try writer.changeMode($0.path, $0.status.st_mode & 0o7777)
        }
        try crash("layers put together")
        guard let registration = try repository.registration(ofWorkingDirectory: path) else {
            throw WorktreeError.noSuchWorktree(path: path)
        }
        try Files.writeAtomically("\(draft)/.git", text: "gitdir: \(registration.gitDirectory)\n")
        try Files.makeDirectory(path, mode: 0o700)
        try Files.removeFile("\(path)/.git")
        try crash("pointer gone")
        try Files.writeAtomically(record, text: identity(of: draft))
        try Files.move(draft, to: path)
        try crash("files in place")
    }

    /// What tells a folder from every other, wherever it is moved.
    private func identity(of folder: String) throws(SystemError) -> String {
        let status = try Files.status(of: folder)
        return "\(status.st_dev) \(status.st_ino)"
    }

    /// The base as git believes it to be staged: what a person's `git status` and `git diff` compare with.
    /// One that is there may hold what somebody staged, and stays.
    private func writeRegistrationIndex(of worktree: PreparedWorktree) async throws {
        let path = state.worktree(worktree.name)
        guard let registration = try repository.registration(ofWorkingDirectory: path) else { return }
        let place = "\(registration.gitDirectory)/index"
        if Files.exists(place) { return }
        let index = state.temporary("index")
        defer { unlink(index) }
        let here = self.place(workTree: path, indexFile: index)
        _ = try await git.run(["read-tree", worktree.base.rawValue], in: here)
        // Exit code 1 says that some file differs.
        _ = try await git.run(["update-index", "-q", "--refresh"], in: here, accepted: [0, 1])
        let draft = "\(place).graftwork"
        try Files.removeTree(draft)
        try Files.copy(index, to: draft, mode: 0o644)
        try Files.move(draft, to: place)
    }
}
