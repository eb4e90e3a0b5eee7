import Linux

/// Finds the folders of the toolchains that a person's shell uses, so that sandboxes can show just those.
///
/// It looks at the search path, at links and at the files by which version managers choose, and starts none.
package struct ToolchainFinder: Sendable {
    private let searchPath: [String]
    private let home: String
    private let shims: VersionShims

    /// The files at the root of a code base by which version managers choose.
    package static let versionFiles = VersionShims.files

    /// - Parameters:
    ///   - searchPath: the folders of the user's `PATH`; relative ones are passed over.
    ///   - variables: the user's environment, for the choice of version managers.
    ///   - text: a file at the root of the code base, by its name; a stranger's text.
    package init(
        searchPath: [String], home: String, variables: [String: String] = [:],
        text: @escaping @Sendable (_ name: String) -> String? = { _ in nil }
    ) {
        self.searchPath = searchPath.filter { $0.hasPrefix("/") }
        self.home = home
        shims = VersionShims(home: home, variables: variables, text: text)
    }

    /// What each of these names starts; a name that starts nothing is left out.
    package func locate(_ names: [String]) -> [LocatedProgram] { names.compactMap(locate) }

    /// nil: there is no program of this name.
    package func locate(_ name: String) -> LocatedProgram? {
        guard NeededPrograms.isName(name) else { return nil }
        let hasSystemTwin = Self.systemFolders.contains { folder in
            // A link from there to somewhere else leads nowhere in a sandbox.
            guard let real = try? Files.realPath("\(folder)/\(name)") else { return false }
            return Self.isBelow("/usr", real) && Files.isExecutable(real)
        }
        for folder in searchPath {
            let path = "\(folder)/\(name)"
            guard Files.isExecutable(path) else { continue }
            switch shims.choice(of: name, at: path) {
            case .none:
                return LocatedProgram(
                    name: name, place: place(of: path), hasSystemTwin: hasSystemTwin)
            case .chosen(let program, let manager):
                return LocatedProgram(
                    name: name, place: place(of: program), manager: manager, hasSystemTwin: hasSystemTwin)
            case .unknown(let manager):
                return LocatedProgram(
                    name: name, place: .shim(manager: manager), hasSystemTwin: hasSystemTwin)
            // It passes the name on to whoever comes next on the search path.
            case .passedOn: continue
            }
        }
        return nil
    }

    private static let systemFolders = ["/usr/local/bin", "/usr/bin"]

    /// Where a program lies that is no shim.
    func place(of path: String) -> LocatedProgram.Place {
        // A link that breaks meanwhile is as good as its path.
        let folder = (try? Files.realPath(Files.parent(of: path))) ?? Files.parent(of: path)
        let real = (try? Files.realPath(path)) ?? path
        if Self.isBelow("/usr", real) { return .system }
        // npm is a link from the `bin` of its node into a package: the node's folder holds both.
        let near = Self.root(ofProgramIn: folder)
        let far = Self.root(ofProgramIn: Files.parent(of: real))
        if Self.isBelow(near, far), isToolchain(near) { return .toolchain(folder: near) }
        return isToolchain(far) ? .toolchain(folder: far) : .mixed(folder: far)
    }

    /// `…/swift/usr/bin` and `…/3.11.7/bin` belong to the folder above; a program that is in no `bin` to its
    /// own folder.
    private static func root(ofProgramIn folder: String) -> String {
        for ending in ["/usr/bin", "/bin"] where folder.hasSuffix(ending) {
            let root = String(folder.dropLast(ending.count))
            return root.isEmpty ? "/" : root
        }
        return folder
    }

    /// False for what holds, or may hold, more than one toolchain: whatever lies there would be shown too.
    private func isToolchain(_ folder: String) -> Bool {
        let parts = folder.split(separator: "/")
        guard parts.count >= 2, parts.first != "etc", parts.first != "proc", parts.first != "sys" else {
            return false
        }
        if Self.isBelow(folder, home) { return false }
        // Somebody's home, whoever's.
        if parts.count == 2, parts.first == "home" { return false }
        if Self.isBelow(home, folder) {
            let below = folder.dropFirst(home.count + 1)
            if Self.sharedAtHome.contains(String(below)) { return false }
            // `~/.cargo`, `~/.pyenv`, `~/.local`: they hold versions, caches and credentials.
            if below.hasPrefix("."), !below.contains("/") { return false }
        }
        // A code base, built where it is.
        return !Files.exists("\(folder)/.git")
    }

    private static let sharedAtHome: Set<String> = ["bin", "go", ".local/bin", ".local/share", ".local/lib"]

    static func isBelow(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
    }
}

extension [LocatedProgram] {
    /// The folders to declare for these programs: each once, in the order of the programs.
    package var folders: [String] {
        let all = compactMap(\.folder)
        var folders: [String] = []
        for folder in all where !folders.contains(folder) {
            guard !all.contains(where: { $0 != folder && ToolchainFinder.isBelow($0, folder) }) else {
                continue
            }
            folders.append(folder)
        }
        return folders
    }
}
