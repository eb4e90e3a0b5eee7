package import Workflows

/// The prompt templates a workflow names, found like workflows: in the repository, the user's folder, among those shipped.
package struct PromptLibrary: Hashable, Sendable {
    package var plan: PromptTemplate
    package var implement: PromptTemplate
    package var revise: PromptTemplate
    package var review: PromptTemplate

    /// - Parameters:
    ///   - repository: the tree at the target branch's tip.
    ///   - user: `$XDG_CONFIG_HOME/graftwork`.
    ///   - shipped: the folder that holds `implement.md`.
    package static func load(
        for workflow: Workflow, repository: SourceFolder, user: SourceFolder, shipped: SourceFolder
    ) throws(ConfigurationError) -> PromptLibrary {
        func template(_ name: String?, _ purpose: PromptPurpose) throws(ConfigurationError) -> PromptTemplate {
            let name = name ?? purpose.rawValue
            let places = [
                (repository, ".graftwork/prompts/\(name).md"), (user, "prompts/\(name).md"), (shipped, "\(name).md"),
            ]
            for (folder, path) in places {
                guard let text = try folder.text(path) else { continue }
                return try PromptTemplate(text: text, file: folder.display(path), purpose: purpose)
            }
            throw ConfigurationError(
                .unknownTemplate(name: name, places: places.map { $0.0.display($0.1) }))
        }
        return PromptLibrary(
            plan: try template(workflow.planJob?.template, .plan),
            implement: try template(workflow.authorJob?.template, .implement), revise: try template(nil, .revise),
            review: try template(workflow.authorJob?.review.template, .review))
    }
}

extension PromptLibrary {
    /// The templates' texts by purpose, as a run records them.
    package var texts: [String: String] {
        Dictionary(uniqueKeysWithValues: [plan, implement, revise, review].map { ($0.purpose.rawValue, $0.source) })
    }

    /// The templates a run recorded.
    package init(texts: [String: String]) throws(ConfigurationError) {
        func template(_ purpose: PromptPurpose) throws(ConfigurationError) -> PromptTemplate {
            try PromptTemplate(
                text: texts[purpose.rawValue] ?? "", file: "\(purpose.rawValue).md of the run", purpose: purpose)
        }
        self.init(
            plan: try template(.plan), implement: try template(.implement), revise: try template(.revise),
            review: try template(.review))
    }
}
