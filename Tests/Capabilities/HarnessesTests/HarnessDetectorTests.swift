import Fixtures
import Harnesses
import Linux
import Testing
import Vocabulary

@Suite("Finding installed harnesses") struct HarnessDetectorTests {
    @Test("takes the first of each on the path, then the cache, and resolves links") func order() throws {
        let folder = try TemporaryFolder()
        try folder.write("real/claude-1.0", "#!/bin/sh\n", mode: 0o755)
        try folder.write("cache/bin/claude", "#!/bin/sh\n", mode: 0o755)
        try folder.write("cache/bin/codex", "#!/bin/sh\n", mode: 0o755)
        try Files.makeDirectory(folder.path("bin"))
        try Files.makeLink(at: folder.path("bin/claude"), to: "../real/claude-1.0")
        try folder.write("bin/codex", "not executable")
        try folder.write("own/graftwork-agent", "#!/bin/sh\n", mode: 0o755)
        let found = HarnessDetector.detect(
            searching: ["relative", folder.path("nowhere"), folder.path("bin")], cache: folder.path("cache"),
            agentBeside: folder.path("own"))
        #expect(found.map(\.kind) == [.builtIn, .claude, .codex])
        #expect(
            found.map(\.executable) == [
                folder.path("own/graftwork-agent"), folder.path("real/claude-1.0"),
                folder.path("cache/bin/codex"),
            ])
    }

    @Test("shows a lone program alone, never the folder of the user's it lies in") func loneProgram() throws {
        let folder = try TemporaryFolder()
        try folder.write("home/.local/bin/claude", "#!/bin/sh\n", mode: 0o755)
        try folder.write("home/.local/share/keyring", "secret")
        let found = HarnessDetector.detect(
            searching: [folder.path("home/.local/bin")], cache: nil, agentBeside: folder.path("own"))
        #expect(
            found == [
                HarnessProgram(
                    kind: .claude, executable: folder.path("home/.local/bin/claude"),
                    readOnlyPaths: [folder.path("home/.local/bin/claude")])
            ])
    }

    @Test("shows a program with the package it is part of") func package() throws {
        let folder = try TemporaryFolder()
        try folder.write("codex-1/pack/codex-package.json", "{}")
        try folder.write("codex-1/pack/bin/codex", "#!/bin/sh\n", mode: 0o755)
        let found = HarnessDetector.detect(
            searching: [folder.path("codex-1/pack/bin")], cache: nil, agentBeside: folder.path("own"))
        #expect(found.map(\.readOnlyPaths) == [[folder.path("codex-1/pack")]])
    }

    @Test("shows nothing of /usr, which every sandbox shows") func system() {
        let agent = AgentDefinition(name: AgentName("a"), harness: .command, upstream: "u", command: ["cat"])
        let found = HarnessDetector.program(for: agent, searching: ["/usr/bin"])
        #expect(found == HarnessProgram(kind: .command, executable: "/usr/bin/cat", readOnlyPaths: []))
    }

    @Test("finds no program that is not there") func absent() {
        for command in [[], [""], ["bin/x"], ["/nowhere/x"], ["no-such-program-here"]] {
            let agent = AgentDefinition(name: AgentName("a"), harness: .acp, upstream: "u", command: command)
            #expect(HarnessDetector.program(for: agent, searching: ["/usr/bin"]) == nil)
        }
    }

    @Test("reads a version as one bounded, visible line") func version() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("x", "#!/bin/sh\nprintf '1.2\\033[31m\\nmore\\n'\n", mode: 0o755)
        let program = HarnessProgram(kind: .claude, executable: path, readOnlyPaths: [])
        #expect(await HarnessDetector.version(of: program) == #"1.2\u{1b}[31m"#)
        let absent = HarnessProgram(kind: .claude, executable: folder.path("none"), readOnlyPaths: [])
        #expect(await HarnessDetector.version(of: absent) == nil)
    }

    @Test("keeps root's cache where a session's own user can see it") func cacheFolder() {
        #expect(
            HarnessDetector.cacheFolder(environment: ["HOME": "/root"], isRoot: true)
                == "/var/cache/graftwork/harnesses")
        #expect(
            HarnessDetector.cacheFolder(environment: ["HOME": "/home/a"], isRoot: false)
                == "/home/a/.cache/graftwork/harnesses")
        #expect(
            HarnessDetector.cacheFolder(environment: ["XDG_CACHE_HOME": "/c"], isRoot: true)
                == "/c/graftwork/harnesses")
        #expect(HarnessDetector.cacheFolder(environment: [:], isRoot: false) == nil)
    }
}
