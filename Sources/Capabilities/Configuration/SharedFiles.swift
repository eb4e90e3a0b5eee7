/// Where the workflows and templates that ship with the program lie.
package struct SharedFiles: Hashable, Sendable {
    /// Holds `Workflows/` and `Templates/`.
    package var root: String
    package init(root: String) { self.root = root }

    package var workflows: String { "\(root)/Workflows" }
    package var templates: String { "\(root)/Templates" }
    package var prompts: String { "\(root)/Templates/prompts" }

    /// How many folders above the program are looked at.
    static let levelsMax = 8

    /// Looks in `<prefix>/share/graftwork` of an installed program, then in the folders above one that was
    /// built in its checkout.
    ///
    /// - Parameters:
    ///   - executablePath: absolute, without links.
    ///   - override: the value of `GRAFTWORK_SHARE`; when set, nothing else is tried.
    package static func locate(
        executablePath: String, override: String? = nil, exists: (String) -> Bool
    ) throws(ConfigurationError) -> SharedFiles {
        func isShared(_ folder: String) -> Bool {
            exists("\(folder)/Workflows/feature.yaml") && exists("\(folder)/Templates/prompts")
        }
        if let override, !override.isEmpty {
            guard isShared(override) else { throw ConfigurationError(.notInstalled(near: override)) }
            return SharedFiles(root: override)
        }
        var folder = parent(executablePath)
        // Installed programs are in <prefix>/bin and <prefix>/libexec/graftwork.
        for prefix in [parent(folder), parent(parent(folder))] where isShared(prefix + "/share/graftwork") {
            return SharedFiles(root: prefix + "/share/graftwork")
        }
        for _ in 0..<levelsMax {
            if isShared(folder) { return SharedFiles(root: folder) }
            if folder.isEmpty { break }
            folder = parent(folder)
        }
        throw ConfigurationError(.notInstalled(near: executablePath))
    }

    private static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
