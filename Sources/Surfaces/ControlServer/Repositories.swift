internal import Hashing
internal import Linux
package import Worktrees

/// The one owner of each user repository in this server.
package actor Repositories {
    private let state: String
    private var stores: [String: RepositoryStore] = [:]
    /// Opening one reads and writes files.
    private let executor = DedicatedExecutor(label: "graftwork.repositories")

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// `state` is the server's own folder; each repository gets one below it.
    package init(state: String) { self.state = state }

    package func store(of repository: String) throws -> RepositoryStore {
        if let store = stores[repository] { return store }
        let root = state + "/r"
        try Files.makeDirectory(root, mode: 0o711, withParents: true)
        // A digest keeps paths short: unix sockets below a worktree must fit into 107 bytes.
        let folder = root + "/" + String(SHA256.hex(of: Array(repository.utf8)).prefix(12))
        // One server has the state, and this is its first look at this repository.
        try RepositoryStore.sweepDrafts(in: folder)
        let store = try RepositoryStore(repository: repository, state: folder)
        stores[repository] = store
        return store
    }
}
