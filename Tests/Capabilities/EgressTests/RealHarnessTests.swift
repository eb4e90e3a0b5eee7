import ChildProcess
import Egress
import Fixtures
import Foundation
import HTTPClient
import HTTPServer
import Rehearsal
import Testing
import Vocabulary

/// The programs `scripts/harnesses` fetches, where they are.
private func program(_ name: String) -> String? {
    let home = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
    return ["/var/cache/graftwork/harnesses", home + "/graftwork/harnesses"].map { "\($0)/bin/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// What the real programs make of the rehearsal's answers, with the gateway between.
@Suite("The real harness programs, through the gateway, on a scripted model", .serialized)
struct RealHarnessTests {
    private let scenes = [
        RehearsalScene(
            match: RehearsalMatch(role: "author", task: "demo"),
            steps: [
                RehearsalStep(
                    say: "I write the file.", calls: [.write(path: "src/new.txt", text: "one\ntwo\n")]),
                .read("src/new.txt"),
                .edit("src/new.txt", old: "two", new: "three"),
                RehearsalStep(
                    say: "Now two at once.", calls: [.shell("echo a > a.txt"), .shell("echo b > b.txt")]),
                .final("All is done."),
            ]),
        RehearsalScene(
            match: RehearsalMatch(role: "reviewer"),
            steps: [.json(["verdict": "approve", "score": 7]), .final("Submitted.")]),
    ]
    private let schema =
        #"{"type":"object","properties":{"verdict":{"type":"string"},"score":{"type":"integer"}},"#
        + #""required":["verdict","score"],"additionalProperties":false}"#
    private let authorPrompt =
        "graftwork-role: author\ngraftwork-task: demo\ngraftwork-round: 1\n\nMake the change."
    private let reviewPrompt = "graftwork-role: reviewer\ngraftwork-task: demo\n\nReview the change."

    private func check(
        _ folder: TemporaryFolder, _ rehearsed: Rehearsed, credential: String, model: String, vendor: Vendor
    ) throws {
        #expect(try folder.read("tree/src/new.txt") == "one\nthree\n")
        #expect(try folder.read("tree/a.txt") == "a\n")
        #expect(try folder.read("tree/b.txt") == "b\n")
        rehearsed.bench.gateway.stop()
        #expect(rehearsed.server.requests.allSatisfy { $0.method == "GET" || $0.credentials == [credential] })
        let answers = rehearsed.bench.log.answers
        #expect(answers.count == 5)
        #expect(
            answers.allSatisfy {
                $0.model == model && $0.vendor == vendor && $0.isRehearsed && $0.cost != nil
            })
        #expect(rehearsed.bench.log.events.count == answers.count, "\(rehearsed.bench.log.events)")
    }

    @Test(
        "Claude Code writes, reads, edits, runs two commands, and answers by a schema",
        .enabled(if: program("claude") != nil, "scripts/harnesses has not fetched Claude Code"))
    func claude() async throws {
        let claude = try #require(program("claude"))
        let folder = try TemporaryFolder()
        try folder.write("tree/README", "x")
        try folder.write("home/x", "x")
        func run(_ rehearsed: Rehearsed, _ arguments: [String]) async throws -> ChildOutput {
            try await Child.run(
                ChildCommand(
                    [
                        claude, "-p", "--output-format", "stream-json", "--verbose", "--model",
                        "claude-sonnet-4-5", "--permission-mode",
                        "bypassPermissions", "--setting-sources=",
                    ] + arguments,
                    environment: [
                        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path("home"),
                        "CLAUDE_CONFIG_DIR": folder.path("home/c"),
                        "ANTHROPIC_BASE_URL": "http://gateway/up",
                        "ANTHROPIC_UNIX_SOCKET": rehearsed.bench.socket,
                        "ANTHROPIC_API_KEY": Bench.placeholder,
                        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                        "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1", "LANG": "C.UTF-8",
                        "CLAUDE_CODE_MAX_RETRIES": "1",
                    ], workingDirectory: folder.path("tree")), outputBytesMax: 16 << 20,
                timeout: .seconds(120))
        }
        let authored = try Rehearsed(.anthropicMessages, scenes)
        defer { authored.stop() }
        let output = try await run(authored, [authorPrompt])
        #expect(output.isSuccess, "\(output.stdoutText.suffix(2000)) \(output.stderrText)")
        #expect(output.stdoutText.contains(#""result":"All is done.""#))
        try check(
            folder, authored, credential: "x-api-key: \(Bench.realKey)", model: "claude-sonnet-4-5",
            vendor: .anthropic)
        let reviewed = try Rehearsed(.anthropicMessages, scenes)
        defer { reviewed.stop() }
        let verdict = try await run(reviewed, ["--json-schema", schema, reviewPrompt])
        #expect(verdict.isSuccess, "\(verdict.stdoutText.suffix(2000)) \(verdict.stderrText)")
        #expect(
            verdict.stdoutText.contains(#""structured_output":{"score":7,"verdict":"approve"}"#)
                || verdict.stdoutText.contains(#""structured_output":{"verdict":"approve","score":7}"#))
    }

    @Test(
        "Claude Code ends at once when the spend limit is reached",
        .enabled(if: program("claude") != nil, "scripts/harnesses has not fetched Claude Code"))
    func claudeBudget() async throws {
        let claude = try #require(program("claude"))
        let folder = try TemporaryFolder()
        let rehearsed = try Rehearsed(.anthropicMessages, scenes, spendLimit: Money(microdollars: 1))
        defer { rehearsed.stop() }
        let output = try await Child.run(
            ChildCommand(
                [
                    claude, "-p", "--output-format", "stream-json", "--verbose", "--model",
                    "claude-sonnet-4-5", "--permission-mode",
                    "bypassPermissions", "--setting-sources=", authorPrompt,
                ],
                environment: [
                    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path,
                    "CLAUDE_CONFIG_DIR": folder.path("c"),
                    "ANTHROPIC_BASE_URL": "http://gateway/up",
                    "ANTHROPIC_UNIX_SOCKET": rehearsed.bench.socket,
                    "ANTHROPIC_API_KEY": Bench.placeholder, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                    "IS_SANDBOX": "1",
                ], workingDirectory: folder.path), outputBytesMax: 16 << 20, timeout: .seconds(120))
        #expect(!output.isSuccess)
        #expect(output.stdoutText.contains("the spend limit of"))
        #expect(rehearsed.bench.log.events.count { if case .budgetReached = $0 { true } else { false } } == 1)
    }

    @Test(
        "Codex writes, reads, edits, runs two commands, and answers by a schema",
        .enabled(if: program("codex") != nil, "scripts/harnesses has not fetched Codex"))
    func codex() async throws {
        let folder = try TemporaryFolder()
        try folder.write("tree/README", "x")
        let authored = try Rehearsed(.openaiResponses, scenes)
        defer { authored.stop() }
        let output = try await runCodex(folder, authored, [authorPrompt])
        #expect(output.isSuccess, "\(output.stdoutText.suffix(2000)) \(output.stderrText)")
        #expect(output.stdoutText.contains("All is done."))
        try check(
            folder, authored, credential: "authorization: Bearer \(Bench.realKey)", model: "gpt-5.1-codex",
            vendor: .openai)
        let reviewed = try Rehearsed(.openaiResponses, scenes)
        defer { reviewed.stop() }
        let verdict = try await runCodex(
            folder, reviewed, ["--output-schema", try folder.write("schema", schema), reviewPrompt])
        #expect(verdict.isSuccess)
        #expect(verdict.stdoutText.contains(#"{\"score\":7,\"verdict\":\"approve\"}"#))
    }

    @Test(
        "Codex ends at once when the spend limit is reached",
        .enabled(if: program("codex") != nil, "scripts/harnesses has not fetched Codex"))
    func codexBudget() async throws {
        let folder = try TemporaryFolder()
        try folder.write("tree/README", "x")
        let rehearsed = try Rehearsed(.openaiResponses, scenes, spendLimit: Money(microdollars: 1))
        defer { rehearsed.stop() }
        let output = try await runCodex(folder, rehearsed, [authorPrompt])
        #expect(!output.isSuccess)
        #expect(output.stdoutText.contains("the spend limit of"))
        #expect(rehearsed.bench.log.events.count { if case .budgetReached = $0 { true } else { false } } == 1)
    }

    /// Codex knows no unix sockets; inside a sandbox the relay stands here.
    private func runCodex(_ folder: TemporaryFolder, _ rehearsed: Rehearsed, _ arguments: [String])
        async throws -> ChildOutput
    {
        let codex = try #require(program("codex"))
        let socket = rehearsed.bench.socket
        let relay = try HTTPListener(on: .loopback(port: 0)) { request in
            do {
                let exchange = try HTTPConnector().start(
                    .init(
                        method: request.method, url: "http://gateway\(request.target)",
                        unixSocketPath: socket,
                        headers: request.headers.filter {
                            !["host", "content-length"].contains($0.name.lowercased())
                        }.map { ($0.name, $0.value) },
                        body: request.method == "GET" ? nil : request.body))
                return HTTPResponse(
                    status: exchange.status,
                    headers: exchange.headers.filter { $0.name.lowercased() == "content-type" }.map {
                        HTTPField($0.name, $0.value)
                    },
                    body: .bytes(try exchange.readAll()))
            } catch { return HTTPResponse(status: 502) }
        }
        defer { relay.stop() }
        try folder.write(
            "codex/config.toml",
            """
            model = "gpt-5.1-codex"
            model_provider = "gateway"
            web_search = "disabled"
            check_for_update_on_startup = false
            [model_providers.gateway]
            name = "gateway"
            base_url = "http://127.0.0.1:\(relay.port ?? 0)/up/v1"
            wire_api = "responses"
            env_key = "MODEL_KEY"
            supports_websockets = false
            [analytics]
            enabled = false
            [features]
            plugins = false
            apps = false
            remote_plugin = false
            """)
        return try await Child.run(
            ChildCommand(
                [
                    codex, "exec", "--json", "--skip-git-repo-check", "-s", "danger-full-access", "-C",
                    folder.path("tree"),
                ] + arguments,
                environment: [
                    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path,
                    "CODEX_HOME": folder.path("codex"),
                    "MODEL_KEY": Bench.placeholder, "LANG": "C.UTF-8",
                ], workingDirectory: folder.path("tree")), input: [], outputBytesMax: 16 << 20,
            timeout: .seconds(120))
    }
}
