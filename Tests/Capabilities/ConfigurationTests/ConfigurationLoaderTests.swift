import Configuration
import Testing
import Vocabulary

@Suite("The configuration") struct ConfigurationLoaderTests {
    private func load(user: String? = nil, repository: String? = nil) throws -> GraftworkConfiguration {
        try ConfigurationLoader.configuration(
            user: user.map { ($0, "config.yaml") },
            repository: repository.map { ($0, ".graftwork/config.yaml") },
            home: "/home/me")
    }

    private static let user = """
        version: 1
        agents:
          claude: { harness: claude }
          codex: { harness: codex, model: gpt-5 }
          small: { harness: graftwork, upstream: gateway, model: gpt-oss-20b }
          mine: { harness: acp, upstream: openai, command: [/opt/agent, --acp], instructions: Be brief. }
        upstreams:
          openai: { key: { file: ~/.secrets/openai } }
          gateway:
            dialect: openai-chat
            base-url: https://gateway.example.com/v1/
            vendor-by-model: { gpt-: openai, claude-: Anthropic }
            key: { command: [pass, show, gateway] }
          local: { dialect: openai-chat, base-url: "http://127.0.0.1:8080", vendor: mistral, key: none }
        checks:
          - { name: tests, argv: [make, test], timeout-minutes: 5 }
        review: { same-vendor: allow }
        landing: { update-checkout: yes }
        toolchains: [/opt/swift]
        """

    private static let holdsHome = """
        config.yaml:19:14: "toolchains" names a toolchain's own folder, never one that holds your home.
        """

    @Test("becomes agents, upstreams, checks and choices")
    func reads() throws {
        #expect(
            try load(user: Self.user)
                == GraftworkConfiguration(
                    agents: [
                        AgentDefinition(name: AgentName("claude"), harness: .claude, upstream: "anthropic"),
                        AgentDefinition(
                            name: AgentName("codex"), harness: .codex, model: "gpt-5", upstream: "openai"),
                        AgentDefinition(
                            name: AgentName("small"), harness: .builtIn, model: "gpt-oss-20b",
                            upstream: "gateway"),
                        AgentDefinition(
                            name: AgentName("mine"), harness: .acp, upstream: "openai",
                            command: ["/opt/agent", "--acp"],
                            instructions: "Be brief."),
                    ],
                    upstreams: [
                        Upstream(
                            name: "openai", dialect: .openaiResponses, baseURL: "https://api.openai.com",
                            vendor: .fixed(vendor: .openai),
                            credential: .file(path: "/home/me/.secrets/openai")),
                        Upstream(
                            name: "gateway", dialect: .openaiChat, baseURL: "https://gateway.example.com/v1",
                            vendor: .byModel(prefixes: ["gpt-": .openai, "claude-": .anthropic]),
                            credential: .command(argv: ["pass", "show", "gateway"])),
                        Upstream(
                            name: "local", dialect: .openaiChat, baseURL: "http://127.0.0.1:8080",
                            vendor: .byModel(prefixes: ["": .mistral]), credential: .none),
                        Upstream(
                            name: "anthropic", dialect: .anthropicMessages,
                            baseURL: "https://api.anthropic.com",
                            vendor: .fixed(vendor: .anthropic),
                            credential: .environment(variable: "ANTHROPIC_API_KEY")),
                        Upstream(
                            name: "mistral", dialect: .openaiChat, baseURL: "https://api.mistral.ai",
                            vendor: .fixed(vendor: .mistral),
                            credential: .environment(variable: "MISTRAL_API_KEY")),
                    ],
                    checks: [
                        CheckDefinition(
                            name: "tests", command: .argv(["make", "test"]), timeoutSeconds: 300,
                            origin: "config.yaml")
                    ], sameVendorReview: .allow, checkoutUpdate: .yes, toolchains: ["/opt/swift"],
                    files: ["config.yaml"]))
    }

    @Test("finds toolchains in the user's own home")
    func toolchainsAtHome() throws {
        let found = try load(
            user: text(Self.user, replacing: "[/opt/swift]", with: "[~/.pyenv/versions/3.11.7, /opt/swift]"))
        #expect(found.toolchains == ["/home/me/.pyenv/versions/3.11.7", "/opt/swift"])
    }

    @Test("is empty without files and with nothing but comments")
    func nothing() throws {
        let empty = try load()
        #expect(empty.agents == [])
        #expect(empty.files == [])
        #expect(empty.sameVendorReview == .hold)
        #expect(empty.checkoutUpdate == .ask)
        #expect(empty.upstreams.map(\.name) == ["anthropic", "openai", "mistral"])
        #expect(try load(user: "# nothing yet\n") == empty)
    }

    @Test("lets a repository add agents, replace one, bring its checks and tighten the review")
    func layered() throws {
        let both = try load(
            user: Self.user,
            repository: """
                version: 1
                agents:
                  codex: { harness: codex, model: gpt-5-mini }
                  extra: { harness: graftwork, upstream: anthropic }
                checks: [{ name: unit, run: ./test.sh, require-tests: 3 }]
                review: { same-vendor: hold }
                """)
        #expect(both.agents.map(\.name.rawValue) == ["claude", "codex", "small", "mine", "extra"])
        #expect(both.agents[1].model == "gpt-5-mini")
        #expect(
            both.checks == [
                CheckDefinition(
                    name: "unit", command: .script("./test.sh"), requireTests: 3,
                    origin: ".graftwork/config.yaml")
            ])
        #expect(both.sameVendorReview == .hold)
        #expect(both.checkoutUpdate == .yes)
        #expect(both.files == ["config.yaml", ".graftwork/config.yaml"])
    }

    @Test("gives an agent the only declared upstream when nothing else is said")
    func onlyUpstream() throws {
        let only = try load(
            user: """
                version: 1
                agents: { a: { harness: graftwork } }
                upstreams:
                  here: { dialect: openai-chat, base-url: "unix:/run/model.sock", vendor: google, key: none }
                """)
        #expect(only.agents[0].upstream == "here")
    }

    @Test("calls a vendor a fact only at the vendor's own endpoint")
    func vendors() throws {
        func rule(_ url: String, _ rest: String) throws -> VendorRule {
            let configuration = try load(
                user: "version: 1\nupstreams: { u: { dialect: openai-chat, base-url: \"\(url)\"\(rest) } }\n")
            return try #require(configuration.upstream(named: "u")).vendor
        }
        #expect(try rule("https://api.openai.com", "") == .fixed(vendor: .openai))
        #expect(try rule("https://API.openai.com:443/v1", ", vendor: openai") == .fixed(vendor: .openai))
        #expect(
            try rule("https://api.openai.com.evil.example", ", vendor: openai")
                == .byModel(prefixes: ["": .openai]))
        #expect(
            try rule("https://evil.example/api.openai.com", ", vendor: openai")
                == .byModel(prefixes: ["": .openai]))
        #expect(try rule("http://[::1]:9/x", ", vendor: openai") == .byModel(prefixes: ["": .openai]))
    }

    @Test(
        "refuses, with place and hint, what is wrong in the user's file",
        arguments: [
            (
                "agents:", "agent:",
                "config.yaml:2:1: the configuration has no key \"agent\". Did you mean \"agents\"?"
            ),
            ("version: 1", "version: one", "config.yaml:1:10: \"version\" must be a whole number."),
            ("harness: claude", "model: opus", "config.yaml:3:11: agent claude lacks the key \"harness\"."),
            (
                "harness: claude", "harness: cloude",
                "config.yaml:3:22: there is no harness \"cloude\". Did you mean \"claude\"?"
            ),
            (
                "harness: claude", "harness: claude, command: [x]",
                "config.yaml:3:30: \"command\" belongs to the harnesses acp and command only."
            ),
            (", command: [/opt/agent, --acp]", "", "config.yaml:6:9: agent mine lacks the key \"command\"."),
            (
                "upstream: gateway", "upstream: gatway",
                "config.yaml:5:42: there is no upstream \"gatway\". Did you mean \"gateway\"?"
            ),
            ("upstream: gateway, ", "", "config.yaml:5:10: agent small lacks the key \"upstream\"."),
            (
                "dialect: openai-chat\n", "dialect: openai\n",
                """
                config.yaml:10:14: there is no dialect "openai". Known are: anthropic-messages, \
                openai-responses, openai-chat.
                """
            ),
            (
                "    base-url: https://gateway.example.com/v1/\n", "",
                "config.yaml:10:5: upstream gateway lacks the key \"base-url\"."
            ),
            (
                "https://gateway.example.com/v1/", "http://gateway.example.com",
                "config.yaml:11:15: \"base-url\" must be https:// for any host but this machine."
            ),
            (
                "https://gateway.example.com/v1/", "https://me:pw@gateway.example.com",
                """
                config.yaml:11:15: "base-url" must be https://HOST, http://127.0.0.1:PORT or \
                unix:/PATH, without a user name.
                """
            ),
            (
                "https://gateway.example.com/v1/", "gateway.example.com",
                """
                config.yaml:11:15: "base-url" must be https://HOST, http://127.0.0.1:PORT or \
                unix:/PATH, without a user name.
                """
            ),
            (
                "https://gateway.example.com/v1/", "https://x/?key=1",
                "config.yaml:11:15: \"base-url\" must be a plain URL without blanks, query or fragment."
            ),
            (
                "https://gateway.example.com/v1/", "https://api.openai.com",
                """
                config.yaml:12:5: "vendor-by-model" cannot be chosen for api.openai.com, which is \
                openai's own endpoint.
                """
            ),
            (", vendor: mistral", "", "config.yaml:14:10: upstream local lacks the key \"vendor\"."),
            (
                ", vendor: mistral", ", vendor: a, vendor-by-model: { x: y }",
                "config.yaml:14:80: \"vendor-by-model\" cannot stand beside \"vendor\"."
            ),
            (
                "key: none", "key: sk-ant-secret",
                """
                config.yaml:14:91: "key" must be none, { env: NAME }, { file: PATH } or { command: \
                [ARGV] }, never a key itself.
                """
            ),
            (
                "key: none", "key: { env: sk-ant-secret }",
                "config.yaml:14:98: \"env\" must be the name of a variable, like ANTHROPIC_API_KEY."
            ),
            (
                "key: none", "key: { env: A, file: /x }",
                "config.yaml:14:91: \"key\" must say exactly one of env, file and command."
            ),
            (
                "key: none", "key: { file: keys/a }",
                "config.yaml:14:99: \"file\" must be an absolute path or start with ~/."
            ),
            ("key: none", "key: { command: [] }", "config.yaml:14:102: \"command\" names no program."),
            (
                "key: none", "key: { claude-login: x }",
                "config.yaml:14:93: \"claude-login\" in key is not supported yet by this version."
            ),
            (
                "same-vendor: allow", "same-vendor: alow",
                "config.yaml:17:24: there is no same-vendor choice \"alow\". Did you mean \"allow\"?"
            ),
            (
                "update-checkout: yes", "update-checkout: maybe",
                "config.yaml:18:29: there is no update-checkout choice \"maybe\". Known are: ask, yes, no."
            ),
            (
                "[/opt/swift]", "[opt/swift]",
                "config.yaml:19:14: \"toolchains\" holds absolute paths, or paths that begin with ~/."
            ),
            (
                "[/opt/swift]", "[/opt/../etc]",
                "config.yaml:19:14: \"toolchains\" holds absolute paths, or paths that begin with ~/."
            ),
            (
                "[/opt/swift]", "[/opt/swift/]",
                "config.yaml:19:14: \"toolchains\" holds absolute paths, or paths that begin with ~/."
            ),
            (
                "[/opt/swift]", "[~you/swift]",
                "config.yaml:19:14: \"toolchains\" holds absolute paths, or paths that begin with ~/."
            ),
            (
                "[/opt/swift]", "[/]",
                holdsHome
            ),
            (
                "[/opt/swift]", "[~]",
                holdsHome
            ),
            (
                "[/opt/swift]", "[/home]",
                holdsHome
            ),
            (
                "[/opt/swift]", "[/home/me]",
                holdsHome
            ),
            (
                "name: tests", "name: \"a\\nb\"",
                "config.yaml:16:13: \"name\" must be a short text on one line."
            ),
            (
                "  - { name: tests", "  - { name: tests, run: x }\n  - { name: tests",
                "config.yaml:17:5: there are two checks named \"tests\"."
            ),
            (
                "toolchains: [/opt/swift]", "budget: {}",
                "config.yaml:19:1: \"budget\" in the configuration is not supported yet by this version."
            ),
            (
                "toolchains: [/opt/swift]", "agents: {}",
                "config.yaml:19:1: key \"agents\" is already set on line 2."
            ),
        ])
    func refuses(old: String, new: String, message: String) {
        let spoiled = text(Self.user, replacing: old, with: new)
        #expect(words { _ = try load(user: spoiled) } == message)
    }

    @Test("states what a sandbox may use, in whole or in part, and nothing else changes")
    func resources() throws {
        #expect(try load(user: Self.user).resources == nil)
        let whole =
            "sandbox: { memory: 8 GiB, processes: 64, cpus: 1.5, disk: 500 MiB, files: 10, limits: cgroup }"
        #expect(
            try load(user: "version: 1\n\(whole)").resources
                == ResourceLimits(
                    memoryBytesMax: 8 << 30, processesMax: 64, milliCPUsMax: 1500, diskBytesMax: 500 << 20,
                    filesMax: 10, requiresGroups: true))
        var part = ResourceLimits.standard
        part.memoryBytesMax = 1 << 30
        #expect(try load(user: "version: 1\nsandbox: { memory: 1 GiB, limits: auto }").resources == part)
    }

    @Test(
        "refuses amounts that are none, too small or too large",
        arguments: [
            ("memory: 4GB", "2:20: \"memory\" is an amount of at least 64 MiB, like `4 GiB` or `512 MiB`."),
            ("memory: 1 MiB", "2:20: \"memory\" is an amount of at least 64 MiB, like `4 GiB` or `512 MiB`."),
            (
                "disk: 99999999999999999 TiB",
                "2:18: \"disk\" is an amount of at least 1 MiB, like `4 GiB` or `512 MiB`."
            ),
            ("processes: 3", "2:23: \"processes\" is a number from 16 to 1000000."),
            ("cpus: 0", "2:18: \"cpus\" is a number from 0.1 to 4096."),
            ("files: -1", "2:19: \"files\" is a number from 1 to 1000000000."),
            ("limits: none", "2:20: there is no way to keep limits \"none\". Known are: auto, cgroup."),
        ])
    func refusesAmounts(text: String, message: String) {
        #expect(
            words { _ = try load(user: "version: 1\nsandbox: { \(text) }") } == "config.yaml:\(message)")
    }

    @Test(
        "says nothing of a key that was written into the file",
        arguments: [
            "key: sk-ant-secret", "key: { env: sk-ant-secret }", "key: { file: sk-ant-secret }",
            "key: [sk-ant-secret]",
        ])
    func noKeyInMessages(key: String) throws {
        let message = try #require(
            words { _ = try load(user: text(Self.user, replacing: "key: none", with: key)) })
        #expect(!message.contains("secret"))
    }

    @Test(
        "lets no repository say where requests go, what a landing moves, what runs or who reviews itself",
        arguments: [
            (
                "upstreams: { u: { base-url: https://evil.example } }",
                "2:1: \"upstreams\" counts only in the user's own configuration, never in a repository's."
            ),
            (
                "landing: { update-checkout: yes }",
                "2:1: \"landing\" counts only in the user's own configuration, never in a repository's."
            ),
            (
                "sandbox: { memory: 64 GiB }",
                "2:1: \"sandbox\" counts only in the user's own configuration, never in a repository's."
            ),
            (
                "toolchains: [/root]",
                "2:1: \"toolchains\" counts only in the user's own configuration, never in a repository's."
            ),
            (
                "review: { same-vendor: allow }",
                "2:11: \"same-vendor\" can be allowed only in the user's own configuration."
            ),
            (
                "agents: { claude: { harness: command, command: [/home/me/it/start.sh], upstream: openai } }",
                "2:39: \"command\" names a program of this machine, which only the user's own file may."
            ),
            (
                "agents: { spy: { harness: acp, command: [spy], upstream: openai } }",
                "2:32: \"command\" names a program of this machine, which only the user's own file may."
            ),
        ])
    func repositoryLimits(line: String, message: String) {
        #expect(
            words { _ = try load(repository: "version: 1\n\(line)\n") } == ".graftwork/config.yaml:\(message)"
        )
    }

    @Test("is read from the user's folder and the repository's tip; a file that cannot be read is an error")
    func folders() throws {
        let user = SourceFolder.memory(["config.yaml": Self.user])
        let repository = SourceFolder.memory([
            ".graftwork/config.yaml": "version: 1\nchecks: [{ name: r, run: x }]\n"
        ])
        #expect(
            try ConfigurationLoader.load(user: user, repository: repository, home: "/h").checks.map(\.name)
                == ["r"])
        struct Broken: Error, CustomStringConvertible { var description: String { "permission denied" } }
        let broken = SourceFolder(display: { "/c/\($0)" }, read: { _ in throw Broken() }, list: { _ in [] })
        #expect(
            words { _ = try ConfigurationLoader.load(user: broken, repository: .none) }
                == "/c/config.yaml cannot be read: permission denied.")
    }

    @Test("has a starter that says nothing until it is uncommented, and is right when it is")
    func starter() throws {
        let starter = try #require(try ShippedFiles.templates.read("config/config.yaml"))
        #expect(try load(user: starter) == load())
        let uncommented = starter.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("# ") else { return nil }
            let text = String(line.dropFirst(2))
            let isSetting = text.first == " " || text.prefix { $0 != " " }.contains(":")
            return isSetting ? text : nil
        }
        let configuration = try load(user: uncommented.joined(separator: "\n"))
        #expect(configuration.agents.map(\.name.rawValue) == ["claude", "codex", "small", "mine"])
        #expect(configuration.checks.map(\.name) == ["tests"])
    }
}

@Suite("A folder on disk") struct SourceFolderTests {
    @Test("tells a file that is not there from one that cannot be read")
    func disk() throws {
        let shipped = ShippedFiles.workflows
        #expect(try shipped.read("nothing.yaml") == nil)
        #expect(try shipped.read("feature.yaml/below") == nil)
        #expect(try shipped.list("").contains("feature.yaml"))
        #expect(try shipped.list("nothing") == [])
        #expect(throws: (any Error).self) { try ShippedFiles.templates.read("prompts") }
    }
}
