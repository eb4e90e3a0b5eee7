internal import Configuration
internal import ControlProtocol
internal import Linux
internal import Vocabulary
internal import Worktrees

extension RunStarter {
    /// What other tools' files in a repository's HEAD say about setting up worktrees.
    func importedSetup(of repository: String) async throws -> ImportedSetupView {
        let probe = try await Self.probe(repository)
        let store = try await repositories.store(of: probe.root)
        let imported = SetupImport.read(try await Self.foreignSetups(in: probe.headCommit, of: store))
        let (stated, notes) = SetupImport.combined(imported)
        return ImportedSetupView(
            files: imported.map {
                .init(
                    path: $0.file, tool: $0.tool, understood: $0.understood, notUnderstood: $0.notUnderstood)
            }, notes: notes, yaml: SetupImport.yaml(of: stated))
    }

    /// Off the cooperative pool: it looks at every file of the checkout.
    static func probe(_ repository: String) async throws(WorktreeError) -> RepositoryProbe {
        try await runBlocking { () throws(WorktreeError) in try RepositoryStore.probe(path: repository) }
    }

    /// The texts of such files at a commit, by path.
    static func foreignSetups(
        in commit: ObjectID, of store: RepositoryStore
    ) async throws -> [String: String?] {
        try await store.texts(
            at: SetupImport.files, andDirectlyIn: SetupImport.codexFolder, endingIn: ".toml", of: commit,
            bytesMax: SetupImport.fileBytesMax)
    }
}
