import FoundationEssentials
import Git
import Glibc
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Makes the worktree of one task: registration, branch, files and the agent's own git directory.
    ///
    /// Idempotent by (run, task): a second call gives the same worktree with whatever files an earlier
    /// attempt left. What a crash left half made is removed and made anew; no agent can have worked in it.
    ///
    /// - Parameter uid: who shall own the files; only root can give them to somebody else.
    package func prepareWorktree(
        run: RunID, task: String, base: ObjectID, owner uid: UInt32?
    ) async throws(WorktreeError) -> PreparedWorktree {
        let name = try WorktreeName(run: run, task: task)
        let baseID = try GitID(base)
        return try await explaining {
            if let existing = try prepared(name, base: base) { return existing }
            return try await exclusively("worktrees", creation) {
                // One that was being removed under this name goes first, as far as it is in the way.
                try bury(name)
                // Another task may have made it while this one waited.
                if let existing = try prepared(name, base: base) { return existing }
                try discardHalfMade(name)
                try await register(name, base: baseID)
                let pack = try await packedObjects(of: baseID)
                return try await fill(name, base: baseID, pack: pack, owner: uid)
            }
        }
    }

    /// A worktree whose making was finished; nil when there is none.
    private func prepared(_ name: WorktreeName, base: ObjectID) throws -> PreparedWorktree? {
        guard try state.tombstone(of: name)?.phase != .begun, let worktree = try readMarker(name) else {
            return nil
        }
        guard worktree.base == base else {
            throw WorktreeError.preparedFromAnotherBase(path: worktree.path, base: worktree.base)
        }
        return worktree
    }

    func readMarker(_ name: WorktreeName) throws -> PreparedWorktree? {
        let marker = state.marker(name)
        guard Files.exists(marker) else { return nil }
        let bytes = try Files.read(marker, bytesMax: Self.markerBytesMax)
        return try JSONDecoder().decode(PreparedWorktree.self, from: Data(bytes))
    }

    private static let markerBytesMax = 1 << 20

    private func discardHalfMade(_ name: WorktreeName) throws {
        if let registered = try repository.registration(ofWorkingDirectory: state.worktree(name))?.name {
            try repository.forget(worktree: registered)
        }
        try Files.removeTree(state.worktree(name))
        try Files.removeTree(state.privateFolder(name))
    }

    /// Registers the worktree in the user's repository, without files, locked against `git worktree prune`.
    private func register(_ name: WorktreeName, base: GitID) async throws {
        let ref = "refs/heads/\(name.branch)"
        if let checkout = try repository.checkouts().first(where: { $0.isConcerned(by: ref) }) {
            throw WorktreeError.branchInUse(branch: name.branch, path: checkout.workingDirectory)
        }
        // A branch that stands at the base is what a crash left of an earlier attempt, or nobody's work.
        let existing = try repository.target(of: ref)
        guard existing == nil || existing == base else {
            throw WorktreeError.branchTaken(branch: name.branch, commit: existing.map { ObjectID($0) })
        }
        let branch = existing == nil ? ["--no-track", "-b", name.branch] : []
        let path = state.worktree(name)
        _ = try await git.run(
            ["worktree", "add", "--no-checkout", "--lock", "--reason", "in use by graftwork"] + branch
                + ["--end-of-options", path, existing == nil ? base.hex : name.branch],
            in: HardenedGit.Place(gitDirectory: gitDirectory, workTree: state.empty))
    }

    /// Everything reachable from a base as one pack, made once per base.
    func packedObjects(of base: GitID) async throws -> String {
        let folder = "\(state.packs)/\(base.hex)"
        if Files.isDirectory(folder) { return folder }
        let draft = state.temporary("pack")
        try Files.makeDirectory(draft)
        do {
            _ = try await git.run(
                ["pack-objects", "--revs", "--delta-base-offset", "-q", "\(draft)/pack"],
                in: place(workTree: state.empty),
                input: Array("\(base.hex)\n".utf8))
            try Files.move(draft, to: folder)
        } catch {
            try Files.removeTree(draft)
            throw error
        }
        return folder
    }

    /// Makes the agent's git directory and pointer; `populates` also writes the base's files.
    func fill(
        _ name: WorktreeName, base: GitID, pack: String, owner uid: UInt32?, populates: Bool = true
    ) async throws -> PreparedWorktree {
        let path = state.worktree(name)
        let folder = state.privateFolder(name)
        // Before a file is in it: git made it for everybody to look into.
        try Files.changeMode(path, 0o700)
        try Files.makeDirectory(folder, mode: 0o711)
        let directory = PrivateGitDirectory(
            path: "\(folder)/git", workTree: path, branch: name.branch, base: base)
        let shallow = "\(state.scratch)/shallow"
        let now = Int64(WallClock.nowSeconds())
        try directory.writeFiles(
            now: now, shallow: Files.exists(shallow) ? Files.read(shallow, bytesMax: 16 << 20) : nil)
        for file in try Files.list(pack) {
            try copyFile("\(pack)/\(file)", to: "\(directory.path)/objects/pack/\(file)", mode: 0o400)
        }
        // Not by the agent's directory, which is the agent's from here on, but into its index.
        let index = "\(directory.path)/index"
        if populates {
            _ = try await git.run(
                ["read-tree", "--reset", "-u", base.hex], in: place(workTree: path, indexFile: index))
            try GitIndexFile.setModificationTime(now - Self.settledSeconds, index: index, workTree: path)
        } else {
            _ = try await git.run(["read-tree", base.hex], in: place(workTree: path, indexFile: index))
        }
        let pointer = "\(folder)/dotgit"
        try Files.writeAtomically(pointer, text: "gitdir: \(directory.path)\n", mode: 0o600)
        if let uid, SystemIdentity.isRoot {
            for tree in [path, directory.path, pointer] {
                try Files.changeOwner(tree: tree, uid: uid, gid: uid)
            }
        }
        if populates { try takePristineRecord(of: name, tree: scratch.tree(of: base)) }
        let worktree = PreparedWorktree(
            name: name, path: path, privateGitDirectory: directory.path, gitPointerFile: pointer,
            branch: name.branch,
            base: ObjectID(base), owner: uid)
        try Files.writeAtomically(state.marker(name), text: JSONText.line(encoding: worktree))
        return worktree
    }

    /// How far back the files' times are set; more than the second in which git would doubt them.
    private static let settledSeconds: Int64 = 10
}

/// Copies a file without holding it in memory.
func copyFile(_ source: String, to destination: String, mode: UInt32) throws(SystemError) {
    let reading = try Descriptor.open(source, flags: O_RDONLY)
    let writing = try Descriptor.open(destination, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    defer {
        reading.close()
        writing.close()
    }
    try reading.withRawValue("read") { input throws(SystemError) in
        try writing.withRawValue("write") { output throws(SystemError) in
            try copyInPieces(from: input, to: output, destination)
        }
    }
}

private func copyInPieces(from input: Int32, to output: Int32, _ subject: String) throws(SystemError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
        let count = read(input, &buffer, buffer.count)
        if count == 0 { return }
        if count < 0 {
            if errno == EINTR { continue }
            throw SystemError(call: "read", subject: subject)
        }
        var written = 0
        while written < count {
            let step = buffer.withUnsafeBytes {
                write(output, $0.baseAddress.map { $0 + written }, count - written)
            }
            if step < 0 && errno != EINTR { throw SystemError(call: "write", subject: subject) }
            written += max(step, 0)
        }
    }
}
