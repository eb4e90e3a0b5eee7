import Fixtures
import Linux
import Testing
import Vocabulary

@testable import Configuration

@Suite("Where the user's programs lie")
struct ToolchainFinderTests {
    /// A home with programs in it; `places` are the folders of the search path, below it.
    private func locate(
        _ name: String, _ places: [String], files: [String] = [], links: [(at: String, to: String)] = [],
        texts: [String: String] = [:], tree: [String: String] = [:], variables: [String: String] = [:]
    ) async throws -> LocatedProgram? {
        try await withTemporaryFolder { folder in
            for file in files { try folder.write("home/\(file)", "#!/bin/sh\n", mode: 0o755) }
            for (file, text) in texts { try folder.write("home/\(file)", text, mode: 0o755) }
            for link in links {
                let path = folder.path("home/\(link.at)")
                try Files.makeDirectory(Files.parent(of: path))
                try Files.makeLink(at: path, to: link.to)
            }
            let finder = ToolchainFinder(
                searchPath: places.map { $0.hasPrefix("/") ? $0 : folder.path("home/\($0)") },
                home: folder.path("home"), variables: variables
            ) { tree[$0] }
            guard var found = finder.locate(name) else { return nil }
            found.place = found.place.below(folder.path("home"))
            return found
        }
    }

    @Test(
        "are parts of the folder that holds one version of one toolchain, and no more",
        arguments: [
            ("sdk/swift-6.1/usr/bin", "swift", "~/sdk/swift-6.1"),
            ("sdk/go1.24/bin", "go", "~/sdk/go1.24"),
            (".nvm/versions/node/v22.1.0/bin", "node", "~/.nvm/versions/node/v22.1.0"),
            ("zig-0.14", "zig", "~/zig-0.14"),
        ])
    func versionFolders(place: String, name: String, folder: String) async throws {
        let found = try await locate(name, [place], files: ["\(place)/\(name)"])
        #expect(found?.place == .toolchain(folder: folder))
    }

    @Test(
        "are never shown with a folder that holds other things",
        arguments: [
            (".local/bin", "~/.local"), ("bin", "~"), (".cargo/bin", "~/.cargo"), (".bun/bin", "~/.bun"),
            ("go/bin", "~/go"),
        ])
    func mixedFolders(place: String, folder: String) async throws {
        let found = try await locate("zig", [place], files: ["\(place)/zig"])
        #expect(found == LocatedProgram(name: "zig", place: .mixed(folder: folder)))
    }

    @Test("are not looked for in a code base that was built where it is")
    func codeBase() async throws {
        let found = try await locate(
            "zig", ["src/zig/bin"], files: ["src/zig/bin/zig", "src/zig/.git/HEAD"])
        #expect(found?.place == .mixed(folder: "~/src/zig"))
    }

    @Test("are followed through links: to a package of the same folder, and to another toolchain")
    func links() async throws {
        let npm = try await locate(
            "npm", ["node-22/bin"], files: ["node-22/lib/node_modules/npm/bin/npm-cli.js"],
            links: [("node-22/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js")])
        #expect(npm?.place == .toolchain(folder: "~/node-22"))
        let go = try await locate(
            "go", [".local/bin"], files: ["sdk/go1.24/bin/go"],
            links: [(".local/bin/go", "../../sdk/go1.24/bin/go")])
        #expect(go?.place == .toolchain(folder: "~/sdk/go1.24"))
    }

    @Test("need nothing below /usr, be it found through a link")
    func system() async throws {
        #expect(try await locate("sh", ["/usr/bin"])?.place == .system)
        #expect(try await locate("sh", ["bin"], links: [("bin/sh", "/usr/bin/env")])?.place == .system)
        #expect(try await locate("nothing-of-this-name", ["/usr/bin"]) == nil)
        #expect(try await locate("../bin/sh", ["/usr/bin"]) == nil)
    }

    @Test("say when sandboxes would start another of the same name")
    func twin() async throws {
        let found = try #require(try await locate("env", ["sdk/1/bin"], files: ["sdk/1/bin/env"]))
        #expect(
            found.obstacle
                == "env lies in ~/sdk/1, which sandboxes do not show, and start the one in /usr instead")
    }

    // MARK: Version managers

    private static let pyenvShim = "#!/usr/bin/env bash\nexec \"/home/me/.pyenv/libexec/pyenv\" exec \"$@\"\n"
    private static let pythons = [
        ".pyenv/versions/3.9.18/bin/python3", ".pyenv/versions/3.11.7/bin/python3",
        ".pyenv/versions/3.11.10/bin/python3", ".pyenv/bin/python3",
    ]

    private func pyenv(
        _ texts: [String: String] = [:], tree: [String: String] = [:], variables: [String: String] = [:]
    ) async throws -> LocatedProgram.Place? {
        try await locate(
            "python3", [".pyenv/shims", "/usr/bin"], files: Self.pythons,
            texts: [".pyenv/shims/python3": Self.pyenvShim].merging(texts) { $1 }, tree: tree,
            variables: variables)?.place
    }

    @Test("are seen through pyenv: the variable, then the code base, then the user's own choice")
    func pyenvChoices() async throws {
        func version(_ name: String) -> LocatedProgram.Place {
            .toolchain(folder: "~/.pyenv/versions/\(name)")
        }
        let own = [".pyenv/version": "3.9.18\n"]
        #expect(try await pyenv(own) == version("3.9.18"))
        #expect(try await pyenv(own, tree: [".python-version": "3.11.7\n"]) == version("3.11.7"))
        #expect(
            try await pyenv(
                own, tree: [".python-version": "3.9.18"], variables: ["PYENV_VERSION": "3.11.7"])
                == version("3.11.7"))
        #expect(try await pyenv(own, tree: [".python-version": "3.11"]) == version("3.11.10"))
        #expect(try await pyenv([".pyenv/version": "system\n"]) == .system)
    }

    @Test(
        "stay what they are, shims, where a code base names a version that is not there or is no version",
        arguments: ["4.0", "../../../secret", "/etc", "..", "."])
    func strangePyenv(version: String) async throws {
        #expect(try await pyenv(tree: [".python-version": version]) == .shim(manager: "pyenv"))
    }

    @Test("are seen through rustup: the variable, then the code base, then the user's default")
    func rustup() async throws {
        func cargo(_ tree: [String: String] = [:], _ variables: [String: String] = [:]) async throws
            -> LocatedProgram?
        {
            try await locate(
                "cargo", [".cargo/bin"],
                files: [
                    ".cargo/bin/rustup", ".rustup/x/bin/cargo",
                    ".rustup/toolchains/stable-x86_64-unknown-linux-gnu/bin/cargo",
                    ".rustup/toolchains/1.80-x86_64-unknown-linux-gnu/bin/cargo",
                ], links: [(".cargo/bin/cargo", "rustup")],
                texts: [
                    ".rustup/settings.toml":
                        "version = \"12\"\ndefault_toolchain = \"stable-x86_64-unknown-linux-gnu\"\n"
                ], tree: tree, variables: variables)
        }
        func toolchain(_ name: String) -> LocatedProgram.Place {
            .toolchain(folder: "~/.rustup/toolchains/\(name)-x86_64-unknown-linux-gnu")
        }
        let found = try await cargo()
        #expect(found?.place == toolchain("stable") && found?.manager == "rustup")
        #expect(
            try await cargo(["rust-toolchain.toml": "[toolchain]\nchannel = \"1.80\"\n"])?.place
                == toolchain("1.80"))
        #expect(try await cargo(["rust-toolchain": "1.80\n"])?.place == toolchain("1.80"))
        #expect(
            try await cargo(["rust-toolchain": "stable"], ["RUSTUP_TOOLCHAIN": "1.80"])?.place
                == toolchain("1.80"))
        #expect(try await cargo(["rust-toolchain": "../x"])?.place == .shim(manager: "rustup"))
    }

    @Test("are seen through asdf, whose shims name what they stand for")
    func asdf() async throws {
        func node(_ tree: [String: String], _ offers: String...) async throws -> LocatedProgram.Place? {
            let lines = offers.map { "# asdf-plugin: nodejs \($0)\n" }.joined()
            return try await locate(
                "node", [".asdf/shims"],
                files: [
                    ".asdf/installs/nodejs/20.1.0/bin/node", ".asdf/installs/nodejs/22.1.0/bin/node",
                    ".asdf/x/bin/node",
                ],
                texts: [".asdf/shims/node": "#!/usr/bin/env bash\n\(lines)exec asdf exec \"node\" \"$@\"\n"],
                tree: tree)?.place
        }
        #expect(
            try await node([:], "20.1.0") == .toolchain(folder: "~/.asdf/installs/nodejs/20.1.0"))
        #expect(
            try await node([".tool-versions": "nodejs 22.1.0\n"], "20.1.0", "22.1.0")
                == .toolchain(folder: "~/.asdf/installs/nodejs/22.1.0"))
        #expect(try await node([:], "20.1.0", "22.1.0") == .shim(manager: "asdf"))
        #expect(try await node([:], "../../x") == .shim(manager: "asdf"))
    }

    @Test(
        "say that they are shims where it takes the manager to tell more", arguments: ["mise", "volta-shim"])
    func otherShims(program: String) async throws {
        let found = try await locate(
            "node", ["shims"], files: ["bin/\(program)"], links: [("shims/node", "../bin/\(program)")])
        let manager = program == "mise" ? "mise" : "volta"
        #expect(found?.place == .shim(manager: manager))
        #expect(
            found?.obstacle?.hasPrefix("node is a shim of \(manager), which sandboxes do not show") == true)
        #expect(
            found?.hint == """
                Name the folder of the version that \(manager) starts under `toolchains:` in your \
                configuration.
                """)
    }

    // MARK: What follows

    @Test("are shown by their folder, or by one above it, and by no other")
    func shown() {
        let swift = LocatedProgram(name: "swift", place: .toolchain(folder: "/opt/swift"))
        #expect(swift.isShown(by: ["/opt/swift"]) && swift.isShown(by: ["/x", "/opt"]))
        #expect(!swift.isShown(by: ["/opt/swift2", "/opt/swift/usr"]))
        #expect(swift.hint == "Add `toolchains: [/opt/swift]` to your configuration.")
        #expect(LocatedProgram(name: "sh", place: .system).isShown(by: []))
        #expect(!LocatedProgram(name: "zig", place: .mixed(folder: "/opt")).isShown(by: ["/opt"]))
    }

    @Test("make a first configuration that shows each folder once, whatever its name")
    func proposal() throws {
        func program(_ name: String, _ folder: String) -> LocatedProgram {
            LocatedProgram(name: name, place: .toolchain(folder: folder))
        }
        let proposal = ConfigurationProposal.make(
            harnesses: [], variables: ["OPENAI_API_KEY"], loggedIn: [],
            programs: [
                program("swift", "/opt/swift"), program("node", "/srv/a b, \"c\"/node"),
                program("npm", "/srv/a b, \"c\"/node"), program("make", "/opt/swift/tools"),
                LocatedProgram(name: "cc", place: .system),
                LocatedProgram(name: "go", place: .shim(manager: "mise")),
            ])
        let configuration = try ConfigurationLoader.configuration(
            user: (proposal.text, "config.yaml"), repository: nil, home: "/home/me")
        #expect(configuration.toolchains == ["/opt/swift", "/srv/a b, \"c\"/node"])
        #expect(configuration.agents.count == 1)
        #expect(proposal.explanation.contains("swift lies in /opt/swift, which sandboxes do not show."))
        #expect(proposal.explanation.contains("go is a shim of mise, which sandboxes do not show."))
    }

    @Test(
        "are those that the files at the root of a code base ask for",
        arguments: [
            (["Package.swift", "Sources/a.swift"], ["swift"]),
            (["Cargo.toml", "Makefile"], ["cargo", "make"]),
            (["package.json", "yarn.lock"], ["node", "npm", "yarn"]), (["pom.xml"], ["java", "mvn"]),
            (["tests/test_a.py"], ["python3"]), (["setup.py", "a.py"], ["python3"]),
            (["docs/Cargo.toml", "README.md"], []), (["gradlew", "build.gradle"], ["java", "gradle"]),
        ])
    func needed(paths: [String], programs: [String]) {
        #expect(Set(NeededPrograms.of(paths: paths)) == Set(programs))
    }

    @Test("are named by a command: its first word, past the variables that `env` sets")
    func firstWord() {
        #expect(NeededPrograms.first(of: .argv(["swift", "test"])) == "swift")
        #expect(NeededPrograms.first(of: .argv(["env", "A=b", "C=d", "python3", "-m", "x"])) == "python3")
        #expect(NeededPrograms.first(of: .argv(["./run"])) == nil)
        #expect(NeededPrograms.first(of: .argv(["env"])) == nil)
        #expect(NeededPrograms.first(of: .script("swift test")) == nil)
    }
}

extension LocatedProgram.Place {
    /// The same with `~` for the home.
    fileprivate func below(_ home: String) -> LocatedProgram.Place {
        func short(_ folder: String) -> String {
            folder.hasPrefix(home) ? "~" + folder.dropFirst(home.count) : folder
        }
        return switch self {
        case .system: .system
        case .toolchain(let folder): .toolchain(folder: short(folder))
        case .shim(let manager): .shim(manager: manager)
        case .mixed(let folder): .mixed(folder: short(folder))
        }
    }
}
