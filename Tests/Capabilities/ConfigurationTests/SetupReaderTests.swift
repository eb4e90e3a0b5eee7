import Configuration
import Testing
import Vocabulary
import Workflows

@Suite("Set-up in the configuration") struct SetupReaderTests {
    private func load(user: String? = nil, repository: String? = nil) throws -> StatedSetup? {
        try ConfigurationLoader.configuration(
            user: user.map { ("version: 1\n" + $0, "config.yaml") },
            repository: repository.map { ("version: 1\n" + $0, ".graftwork/config.yaml") },
            home: "/home/me"
        ).worktree
    }

    private func words(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was wrong"
        } catch let error as ConfigurationError {
            return [error.description, error.hint].compactMap(\.self).joined(separator: " ")
        } catch {
            return "\(error)"
        }
    }

    @Test("is copies, shares, commands, inputs, ports and variables")
    func reads() throws {
        let text = """
            worktree:
              copy: [".env*", { path: vendor/, raw: true }]
              share: [~/.npm, /opt/cache]
              setup: [[npm, ci], "make generated"]
              setup-inputs: [package-lock.json]
              ports: 2
              env: { NODE_ENV: test, FLAVOUR: "salt & pepper" }
            """
        #expect(
            try load(user: text)
                == StatedSetup(
                    copies: [.init(pattern: ".env*"), .init(pattern: "vendor/", isRaw: true)],
                    shares: ["/home/me/.npm", "/opt/cache"],
                    commands: [.argv(["npm", "ci"]), .script("make generated")],
                    inputs: ["package-lock.json"], ports: 2,
                    variables: [
                        .init(name: "FLAVOUR", value: "salt & pepper"),
                        .init(name: "NODE_ENV", value: "test"),
                    ]))
        #expect(try load(user: "checks: []") == nil)
    }

    @Test("the repository's keys win over the user's, and a workflow's over both, each key whole")
    func layers() throws {
        let user = "worktree: { setup: [make deps], ports: 3, share: [/opt/cache] }"
        let both = try #require(try load(user: user, repository: "worktree: { setup: [[npm, ci]] }"))
        #expect(
            both
                == StatedSetup(shares: ["/opt/cache"], commands: [.argv(["npm", "ci"])], ports: 3))
        #expect(
            StatedSetup(ports: 1).over(both)
                == StatedSetup(shares: ["/opt/cache"], commands: [.argv(["npm", "ci"])], ports: 1))
    }

    @Test("a repository may not name paths of the machine, nor change what programs load")
    func repositoryIsAStranger() {
        #expect(
            words { _ = try load(repository: "worktree: { share: [/home/me/.ssh] }") }
                == """
                .graftwork/config.yaml:2:13: "share" names paths of this machine, which only the user's own \
                files may.
                """)
        #expect(
            words { _ = try load(repository: "worktree: { env: { NODE_OPTIONS: --require ./x.js } }") }
                == """
                .graftwork/config.yaml:2:20: "NODE_OPTIONS" changes what programs load, which only the \
                user's own files may.
                """)
        #expect(
            words { _ = try load(user: "worktree: { env: { NODE_OPTIONS: -x } }") } == "nothing was wrong")
    }

    @Test(
        "what leads out of the checkout, into git's files or into the sandbox's own variables is refused",
        arguments: [
            ("copy: [../secrets]", "2:20: \"copy\" may not lead out of the checkout."),
            ("copy: [/etc/passwd]", "2:20: \"copy\" names files of the checkout only, relative to its root."),
            (
                "copy: [~/.ssh/id_rsa]",
                "2:20: \"copy\" names files of the checkout only, relative to its root."
            ),
            ("copy: [a/.git/config]", "2:20: \"copy\" never names git's own files."),
            ("copy: ['!../x']", "2:20: \"copy\" may not lead out of the checkout."),
            ("setup-inputs: [a/../../b]", "2:28: \"setup-inputs\" may not lead out of the checkout."),
            ("share: [relative]", "2:21: \"share\" holds absolute paths, or paths that begin with ~/."),
            ("share: [/a/../b]", "2:21: \"share\" holds absolute paths, or paths that begin with ~/."),
            ("env: { LD_PRELOAD: x }", "2:20: \"LD_PRELOAD\" is never given to a sandbox."),
            ("env: { ANTHROPIC_BASE_URL: x }", "2:20: \"ANTHROPIC_BASE_URL\" is set by graftwork itself."),
            ("env: { https_proxy: x }", "2:20: \"https_proxy\" is set by graftwork itself."),
            ("env: { a-b: x }", "2:20: \"a-b\" is no name of a variable: letters, digits and _."),
            ("ports: 21", "2:20: \"ports\" may be 0 to 20."),
            ("setup: [[]]", "2:21: \"setup\" has a command that names no program."),
            ("setup: ['']", "2:21: \"setup\" has an empty command."),
            ("setpu: [x]", "2:13: worktree has no key \"setpu\". Did you mean \"setup\"?"),
            ("base: main", "2:13: \"base\" in worktree is not supported yet by this version."),
        ])
    func refuses(_ key: String, _ message: String) {
        #expect(words { _ = try load(user: "worktree: { \(key) }") } == "config.yaml:\(message)")
    }

    @Test("a workflow may state it, and only the user's own workflow may share")
    func workflow() throws {
        let text = WorkflowReaderTests.good + "\nworktree: { ports: 2 }\n"
        #expect(
            try WorkflowReader.workflow(text: text, file: "w.yaml").worktree == StatedSetup(ports: 2))
        let sharing = WorkflowReaderTests.good + "\nworktree: { share: [/opt/x] }\n"
        #expect(
            words { _ = try WorkflowReader.workflow(text: sharing, file: "w.yaml") }.contains("\"share\""))
        #expect(
            try WorkflowReader.workflow(text: sharing, file: "w.yaml", isUsersOwn: true).worktree
                == StatedSetup(shares: ["/opt/x"]))
    }

    @Test("gives each worktree its ports and variables by name")
    func environment() {
        let setup = WorktreeSetup(ports: 2, variables: [.init(name: "A", value: "b")])
        #expect(
            setup.environment(firstPort: 21_000)
                == ["A": "b", "GRAFTWORK_PORT": "21000", "GRAFTWORK_PORT_1": "21001"])
        #expect(setup.environment(firstPort: nil) == ["A": "b"])
    }
}
