package import Policies
package import Vocabulary

/// Gathers the policy files of every level and reads them into one set.
///
/// The sources travel whole: a runner reads the same text again and decides by what the server read.
package enum PolicyLoader {
    package static let filesMax = 100

    /// Every policy file in force, read from `policies/` of organisation and user and from
    /// `.graftwork/policies/` at the target branch's tip.
    package static func sources(
        organisation: SourceFolder, user: SourceFolder, repository: SourceFolder
    ) throws(ConfigurationError) -> [PolicySource] {
        var sources: [PolicySource] = []
        for (level, folder, path) in [
            (PolicySource.Level.organisation, organisation, "policies"), (.user, user, "policies"),
            (.repository, repository, ".graftwork/policies"),
        ] {
            for name in try folder.names(path) where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                let file = "\(path)/\(name)"
                // Listed and then gone is as unreadable as unreadable: nobody knows what it said.
                guard let text = try folder.text(file) else {
                    throw ConfigurationError(
                        .unreadable(file: folder.display(file), reason: "it vanished while it was read"))
                }
                sources.append(PolicySource(level: level, file: folder.display(file), text: text))
            }
        }
        guard sources.count <= filesMax else {
            throw ConfigurationError(
                .badValue(field: "policies", why: "stand in more than \(filesMax) files"),
                at: SourcePosition(file: sources[filesMax].file, line: 1, column: 1))
        }
        return sources
    }

    package static func load(_ sources: [PolicySource]) throws(ConfigurationError) -> PolicySet {
        var policies: [Policy] = []
        for source in sources { policies += try PolicyReader.policies(source) }
        return PolicySet(policies)
    }
}
