import Vocabulary
package import Workflows

/// A workflow with the very text it was read from, which the run records.
package struct LoadedWorkflow: Hashable, Sendable {
    package var workflow: Workflow
    package var text: String
    /// As shown to people and used in positions.
    package var file: String
    package init(workflow: Workflow, text: String, file: String) {
        self.workflow = workflow
        self.text = text
        self.file = file
    }
}

/// Finds a workflow by name: in the repository at the target branch's tip, in the user's own folder, among
/// those shipped.
package enum WorkflowLoader {
    /// Where a repository keeps its workflows.
    package static let repositoryFolder = ".graftwork/workflows"

    /// - Parameters:
    ///   - repository: the tree at the target branch's tip, never a change under review.
    ///   - user: `$XDG_CONFIG_HOME/graftwork`.
    ///   - shipped: the folder that holds `feature.yaml`.
    ///   - home: what `~/` stands for in a file of the user's folder.
    package static func load(
        named name: String, repository: SourceFolder, user: SourceFolder, shipped: SourceFolder,
        home: String? = nil
    ) throws(ConfigurationError) -> LoadedWorkflow {
        guard isName(name) else {
            throw ConfigurationError(
                .unknownWorkflow(name: name, known: try names(repository, user, shipped)))
        }
        for (folder, path, isUsersOwn) in [
            (repository, "\(repositoryFolder)/\(name).yaml", false), (user, "workflows/\(name).yaml", true),
            (shipped, "\(name).yaml", false),
        ] {
            guard let text = try folder.text(path) else { continue }
            return try read(text, file: folder.display(path), isUsersOwn: isUsersOwn, home: home)
        }
        throw ConfigurationError(.unknownWorkflow(name: name, known: try names(repository, user, shipped)))
    }

    /// Reads a workflow from a file the person named by its path.
    package static func load(path: String, in folder: SourceFolder) throws(ConfigurationError)
        -> LoadedWorkflow
    {
        guard let text = try folder.text(path) else {
            throw ConfigurationError(.unreadable(file: folder.display(path), reason: "there is no such file"))
        }
        return try read(text, file: folder.display(path))
    }

    /// The names of all workflows there are, sorted.
    package static func names(
        _ repository: SourceFolder, _ user: SourceFolder, _ shipped: SourceFolder
    ) throws(ConfigurationError) -> [String] {
        let files = try repository.names(repositoryFolder) + user.names("workflows") + shipped.names("")
        return Set(files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }).sorted()
    }

    private static func read(
        _ text: String, file: String, isUsersOwn: Bool = false, home: String? = nil
    ) throws(ConfigurationError) -> LoadedWorkflow {
        LoadedWorkflow(
            workflow: try WorkflowReader.workflow(
                text: text, file: file, isUsersOwn: isUsersOwn, home: home),
            text: text, file: file)
    }

    /// A name never leads out of the folders.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 60 && !name.hasPrefix(".")
            && name.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
            }
    }
}
