import Egress
import Fixtures
import Testing
import Vocabulary

@Suite("Keys are found outside the sandbox") struct CredentialResolverTests {
    private func upstream(_ credential: CredentialSource, name: String = "up") -> Upstream {
        Upstream(
            name: name, dialect: .openaiChat, baseURL: "https://x", vendor: .fixed(vendor: .openai),
            credential: credential)
    }

    private func failure(
        _ source: CredentialSource, _ environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) async -> EgressError? {
        do {
            _ = try await CredentialResolver.keys(for: [upstream(source)], environment: environment)
            return nil
        } catch { return error }
    }

    @Test("in a variable, a file or a command's output, without the blanks around them")
    func sources() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("key", "  key-of-file\n\n", mode: 0o600)
        let keys = try await CredentialResolver.keys(
            for: [
                upstream(.environment(variable: "KEY"), name: "a"), upstream(.file(path: file), name: "b"),
                upstream(.command(argv: ["sh", "-c", "echo $PART-of-command"]), name: "c"),
                upstream(.none, name: "d"),
            ], environment: ["KEY": "key-of-variable", "PART": "key", "PATH": "/usr/bin:/bin"])
        #expect(keys == ["a": "key-of-variable", "b": "key-of-file", "c": "key-of-command"])
    }

    @Test("and what is missing is named, with what to do")
    func missing() async throws {
        let variable = await failure(.environment(variable: "OPENAI_API_KEY"))
        #expect(variable == .keyVariableMissing(upstream: "up", variable: "OPENAI_API_KEY"))
        #expect(variable?.hint?.contains("Set OPENAI_API_KEY") == true)
        #expect(
            await failure(.environment(variable: "E"), ["E": ""])
                == .keyVariableMissing(upstream: "up", variable: "E"))
        #expect(
            await failure(.file(path: "/nonexistent/key"))
                == .keyFileUnreadable(
                    upstream: "up", path: "/nonexistent/key", cause: "No such file or directory"))
        #expect(
            await failure(.command(argv: ["false"]))
                == .keyCommandFailed(upstream: "up", program: "false", cause: "it exited with code 1"))
        #expect(
            await failure(.command(argv: ["no-such-program"]))
                == .keyCommandFailed(
                    upstream: "up", program: "no-such-program", cause: "No such file or directory"))
        #expect(
            await failure(.command(argv: []))
                == .keyCommandFailed(upstream: "up", program: "", cause: "no command is given"))
    }

    @Test("and what is no key is refused without being shown")
    func unusable() async throws {
        let folder = try TemporaryFolder()
        let two = try folder.write("two", "secret-one\nsecret-two\n")
        let empty = try folder.write("empty", "\n")
        for source in [
            CredentialSource.file(path: two), .file(path: empty), .command(argv: ["printf", "secret\\001"]),
            .command(argv: ["true"]),
        ] {
            let error = try #require(await failure(source))
            guard case .keyUnusable = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(!"\(error) \(error.hint ?? "")".contains("secret"))
        }
    }
}
