import Git
import Linux
import Vocabulary

extension RepositoryStore {
    /// Removes a worktree: registration, branch, files, private git directory, in an order that can be cut
    /// anywhere and begun again. The caller has taken the last snapshot and ended the session.
    ///
    /// The branch goes only where it still stands at the base or at a snapshot of ours, so that no commit
    /// which somebody made on it is lost. Nothing outside the state directory and our own registration is
    /// touched.
    package func removeWorktree(_ worktree: PreparedWorktree, keepSnapshots: Bool) async throws(WorktreeError)
    {
        // The paths are made from the name; those in the value are not believed.
        let name = worktree.name
        try await explaining {
            try await exclusively("worktrees", creation) {
                let path = state.worktree(name)
                if let registered = try repository.registration(ofWorkingDirectory: path)?.name {
                    try repository.forget(worktree: registered)
                }
                let ref = "refs/heads/\(name.branch)"
                let snapshots = try snapshots(of: name)
                if let target = try repository.target(of: ref),
                    try repository.checkouts().allSatisfy({ !$0.isConcerned(by: ref) })
                {
                    let ours = snapshots.map(\.commit) + [try GitID(worktree.base)]
                    if ours.contains(target) { _ = try repository.delete(ref, ifAt: target) }
                }
                if !keepSnapshots {
                    for snapshot in snapshots {
                        _ = try repository.delete(snapshot.ref, ifAt: snapshot.commit)
                    }
                }
                try Files.removeTree(path)
                try Files.removeTree("\(state.privateFolder(name))/git")
                // The marker goes last: as long as it is there, `list` shows what is still to be removed.
                try Files.removeTree("\(state.privateFolder(name))/dotgit")
                try Files.removeTree(state.marker(name))
                try Files.removeTree(state.privateFolder(name))
            }
        }
    }

    /// All worktrees whose making was finished, sorted by name; also those whose files are gone.
    package func list() throws(WorktreeError) -> [KnownWorktree] {
        try explainingNow {
            var known: [KnownWorktree] = []
            for folder in try Files.list(state.privates) {
                let parts = folder.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2, parts.allSatisfy(WorktreeName.isSlug) else { continue }
                let name = try WorktreeName(run: RunID(parts[0]), task: parts[1])
                guard let worktree = try readMarker(name) else { continue }
                known.append(
                    try KnownWorktree(
                        worktree: worktree, isPresent: Files.isDirectory(worktree.path),
                        snapshots: snapshots(of: name).map(\.number)))
            }
            return known.sorted { $0.worktree.name < $1.worktree.name }
        }
    }
}
