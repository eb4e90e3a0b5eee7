import Linux

/// Sees through the programs by which version managers stand in front of the real ones.
///
/// The managers themselves are not asked: what they would run first is a file of the code base.
struct VersionShims: Sendable {
    enum Choice: Hashable {
        /// No shim.
        case none
        case chosen(program: String, manager: String)
        case unknown(manager: String)
        /// The manager leaves it to the rest of the search path.
        case passedOn
    }

    let home: String
    let variables: [String: String]
    let text: @Sendable (String) -> String?

    private static let textBytesMax = 64 << 10
    static let files = environments.map(\.file) + [".tool-versions", "rust-toolchain.toml", "rust-toolchain"]

    func choice(of name: String, at path: String) -> Choice {
        let real = (try? Files.realPath(path)) ?? path
        let realName = real.split(separator: "/").last.map(String.init) ?? ""
        switch realName {
        case "rustup", "rustup-init": return name == realName ? .none : rustup(name)
        case "volta-shim", "volta": return name == "volta" ? .none : .unknown(manager: "volta")
        case "mise": return name == "mise" ? .none : .unknown(manager: "mise")
        default: break
        }
        guard Files.parent(of: path).hasSuffix("/shims"), let script = contents(path) else { return .none }
        if script.contains("asdf exec") { return asdf(name, path, script) }
        for manager in Self.environments where script.contains(manager.name) {
            return version(of: manager, name, root: Files.parent(of: Files.parent(of: path)))
        }
        return .unknown(manager: "a version manager")
    }

    /// nil for what is no script, or cannot be read.
    private func contents(_ path: String) -> String? {
        guard let bytes = try? Files.read(path, bytesMax: Self.textBytesMax),
            bytes.starts(with: Array("#!".utf8))
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func fileText(_ path: String) -> String? {
        try? Files.readText(path, bytesMax: Self.textBytesMax)
    }

    // MARK: pyenv and its kin

    private struct Environments {
        var name: String
        var variable: String
        var file: String
    }
    private static let environments = [
        Environments(name: "pyenv", variable: "PYENV_VERSION", file: ".python-version"),
        Environments(name: "rbenv", variable: "RBENV_VERSION", file: ".ruby-version"),
        Environments(name: "nodenv", variable: "NODENV_VERSION", file: ".node-version"),
        Environments(name: "goenv", variable: "GOENV_VERSION", file: ".go-version"),
    ]

    private func version(of manager: Environments, _ name: String, root: String) -> Choice {
        let stated =
            variables[manager.variable] ?? text(manager.file) ?? fileText("\(root)/version") ?? "system"
        let installed = (try? Files.list("\(root)/versions")) ?? []
        for word in stated.split(whereSeparator: { $0.isWhitespace || $0 == ":" }) {
            if word == "system" { return .passedOn }
            guard let version = Self.best(String(word), among: installed) else { continue }
            let program = "\(root)/versions/\(version)/bin/\(name)"
            if Files.isExecutable(program) { return .chosen(program: program, manager: manager.name) }
        }
        return .unknown(manager: manager.name)
    }

    /// `3.11` stands for the newest `3.11.x` that is there.
    static func best(_ stated: String, among installed: [String]) -> String? {
        if installed.contains(stated) { return stated }
        func numbers(_ version: String) -> [Int] { version.split(separator: ".").map { Int($0) ?? -1 } }
        return installed.filter { $0.hasPrefix(stated + ".") }
            .max { numbers($0).lexicographicallyPrecedes(numbers($1)) }
    }

    // MARK: asdf

    /// The shim names the plugins and versions that have such a program.
    private func asdf(_ name: String, _ path: String, _ script: String) -> Choice {
        let offers = script.split(separator: "\n").compactMap { line -> (plugin: String, version: String)? in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, words[0] == "#", words[1] == "asdf-plugin:" else { return nil }
            return (words[2], words[3])
        }
        let stated = [text(".tool-versions"), fileText("\(home)/.tool-versions")].compactMap(\.self)
        let wanted = stated.flatMap { $0.split(separator: "\n") }
            .map { $0.split(separator: " ").map(String.init) }
        let root = Files.parent(of: Files.parent(of: path))
        let chosen =
            wanted.lazy.compactMap { line in
                offers.first { $0.plugin == line.first && line.dropFirst().contains($0.version) }
            }.first ?? (offers.count == 1 ? offers.first : nil)
        guard let chosen, NeededPrograms.isName(chosen.plugin), NeededPrograms.isName(chosen.version) else {
            return .unknown(manager: "asdf")
        }
        let program = "\(root)/installs/\(chosen.plugin)/\(chosen.version)/bin/\(name)"
        return Files.isExecutable(program)
            ? .chosen(program: program, manager: "asdf") : .unknown(manager: "asdf")
    }

    // MARK: rustup

    private func rustup(_ name: String) -> Choice {
        let root = variables["RUSTUP_HOME"] ?? "\(home)/.rustup"
        let installed = (try? Files.list("\(root)/toolchains")) ?? []
        let stated =
            variables["RUSTUP_TOOLCHAIN"]
            ?? text("rust-toolchain.toml").flatMap { Self.quoted("channel", in: $0) }
            ?? text("rust-toolchain").flatMap { Self.channel($0) }
            ?? fileText("\(root)/settings.toml").flatMap { Self.quoted("default_toolchain", in: $0) }
        guard let stated,
            let toolchain = installed.first(where: { $0 == stated })
                ?? installed.first(where: { $0.hasPrefix(stated + "-") })
        else { return .unknown(manager: "rustup") }
        let program = "\(root)/toolchains/\(toolchain)/bin/\(name)"
        return Files.isExecutable(program)
            ? .chosen(program: program, manager: "rustup") : .unknown(manager: "rustup")
    }

    private static func channel(_ text: String) -> String? {
        quoted("channel", in: text) ?? text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    /// The text of `key = "text"` on a line of its own.
    private static func quoted(_ key: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].filter({ !$0.isWhitespace }) == key else { continue }
            let quotes = parts[1].split(separator: "\"", omittingEmptySubsequences: false)
            if quotes.count >= 2 { return String(quotes[1]) }
        }
        return nil
    }
}
