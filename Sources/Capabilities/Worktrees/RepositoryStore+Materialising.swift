import Git
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Writes the files of a tree into a fresh directory: no `.git`, no hooks, no filters.
    ///
    /// - Parameters:
    ///   - path: must not exist yet, or be an empty directory.
    ///   - uid: who shall own the files; only root can give them to somebody else.
    package func materialise(tree: ObjectID, at path: String, owner uid: UInt32?) async throws(WorktreeError)
    {
        try await explaining {
            let treeID = try scratch.tree(of: GitID(tree))
            try Files.makeDirectory(path, mode: 0o700)
            let directory = try Files.realPath(path)
            guard try Files.list(directory).isEmpty else {
                throw WorktreeError.file(path: path, message: "it is not empty")
            }
            let index = state.temporary("index")
            do {
                try await measuring {
                    _ = try await git.run(
                        ["read-tree", "--reset", "-u", treeID.hex],
                        in: place(workTree: directory, indexFile: index))
                }
                try Files.removeTree(index)
            } catch {
                try Files.removeTree(index)
                try Files.removeTree(directory)
                throw error
            }
            if let uid, SystemIdentity.isRoot { try Files.changeOwner(tree: directory, uid: uid, gid: uid) }
        }
    }
}
