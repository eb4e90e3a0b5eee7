import Glibc
import Hashing
import Linux
import Vocabulary
import Workflows
import Worktrees

/// What the outcome of a set-up depends on: where two keys are the same, so are the outcomes.
struct SetupKey: Hashable, Sendable {
    /// Counts up when what a kept outcome consists of, or may have come of, changes.
    private static let version = 2

    let digest: Digest
    /// The outcome is that of one block of ports, and no other tree's.
    let isBoundToPort: Bool
    /// The outcome is that of one tree, and not of all whose inputs are the same.
    let isOfWholeTree: Bool
    /// What a person should know about it, one sentence each.
    let notes: [String]

    /// - Parameters:
    ///   - copies: what was copied into the tree before the commands run.
    ///   - isOfWholeTree: whatever the set-up says that it depends on.
    init(
        _ setup: WorktreeSetup, in tree: SetupTree, of store: RepositoryStore, repository: String,
        copies: Digest?, toolchains: [String], isOfWholeTree: Bool = false
    ) async throws {
        var notes: [String] = []
        var basis = Basis(
            version: Self.version, repository: repository, commands: setup.commands,
            variables: setup.variables, shares: setup.shares, ports: setup.ports, copies: copies,
            machine: Self.machine(toolchains), firstPort: nil, source: [])
        // A command that is told a port may write it down.
        if setup.commands.contains(where: { $0.line.contains("GRAFTWORK_PORT") }) {
            basis.firstPort = tree.firstPort
        }
        if !setup.inputs.isEmpty, !isOfWholeTree {
            basis.source = try await store.entries(matching: setup.inputs, in: tree.source)
            if basis.source.isEmpty { notes.append("No file of the tree is named by setup-inputs") }
        }
        self.isOfWholeTree = basis.source.isEmpty
        if basis.source.isEmpty { basis.source = [try await store.treeID(of: tree.source).rawValue] }
        isBoundToPort = basis.firstPort != nil
        digest = Digest(SHA256.hex(of: try JSONText.line(encoding: basis)))
        self.notes = notes
    }

    private struct Basis: Encodable {
        var version: Int
        var repository: String
        var commands: [CheckDefinition.Command]
        var variables: [WorktreeSetup.Variable]
        var shares: [String]
        var ports: Int
        var copies: Digest?
        var machine: [String]
        var firstPort: Int?
        /// The tree's id, or mode, id and path of each file the set-up reads.
        var source: [String]
    }

    /// The programs that run: a package that is installed, upgraded or removed moves these times.
    private static func machine(_ toolchains: [String]) -> [String] {
        let system = ["/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/local/lib", "/etc/os-release"]
        return (system + toolchains.flatMap { [$0, "\($0)/bin", "\($0)/lib", "\($0)/usr/bin"] }).map { path in
            // One that is not there says so by having no time.
            guard let status = try? Files.status(of: path) else { return path }
            return "\(path) \(status.st_ino) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        }
    }
}
