/// Paths whose contents are run or obeyed without anybody asking for it: by git, an editor, an installer, a
/// CI service, an agent, or by Graftwork itself. Compared without regard to case.
enum SelfRunningPaths {
    /// Files by these names, anywhere.
    private static let names: Set<String> = [
        "codeowners", ".envrc", ".mcp.json", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "setup.py",
        "sitecustomize.py", "usercustomize.py", ".gitlab-ci.yml", ".travis.yml", ".drone.yml", "jenkinsfile",
        "azure-pipelines.yml", "bitbucket-pipelines.yml", ".pre-commit-config.yaml", ".lefthook.yml",
        "lefthook.yml",
        ".worktreeinclude", ".devcontainer.json", ".yarnrc.yaml", ".cirrus.yml", "appveyor.yml",
        ".appveyor.yml",
    ]
    private static let suffixes = [".pth"]
    /// Everything below folders by these names, anywhere.
    private static let folders: Set<String> = [
        ".github", ".gitlab", ".circleci", ".forgejo", ".gitea", ".woodpecker", ".buildkite", ".husky",
        ".githooks",
        "hooks.d", ".devcontainer", ".vscode", ".idea", ".claude", ".codex", ".cursor", ".gemini", ".vibe",
        ".graftwork", ".ci",
        ".cargo", ".yarn",
    ]

    static func contains(_ path: String, hooksFolder: String?) -> Bool {
        let parts = path.lowercased().split(separator: "/").map(String.init)
        guard let name = parts.last else { return true }
        if parts.contains(where: { $0.hasPrefix(".git") }) && name != ".gitignore" && name != ".gitkeep" {
            return true
        }
        if names.contains(name) || suffixes.contains(where: name.hasSuffix) { return true }
        if parts.dropLast().contains(where: folders.contains) { return true }
        guard let hooksFolder else { return false }
        let hooks = hooksFolder.lowercased().split(separator: "/").map(String.init).filter { $0 != "." }
        return parts.starts(with: hooks)
    }

    /// Only its `scripts` run by themselves, so its contents decide.
    static func isPackageManifest(_ path: String) -> Bool {
        path.lowercased().split(separator: "/").last == "package.json"
    }
}
