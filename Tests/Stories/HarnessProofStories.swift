import Fixtures
import Glibc
import Linux
import Testing

/// A harness is let to work only where a denied call was seen to be denied.
@Suite(
    "The proof of a harness", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"),
    .timeLimit(.minutes(10)))
struct HarnessProofStories {
    /// A program in the place of Claude Code, first on the search path.
    private func withClaude(
        _ script: String, _ body: (ProductWorld) async throws -> Void
    ) async throws {
        let programs = try TemporaryFolder(reachable: true)
        try programs.write("claude", "#!/bin/sh\n" + script, mode: 0o755)
        let world = try await ProductWorld(variables: [
            "PATH": "\(programs.path):/usr/local/bin:/usr/bin:/bin"
        ])
        do {
            try await body(world)
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }

    @Test("is taken by doctor for the built-in agent, which passes")
    func builtIn() async throws {
        let world = try await ProductWorld()
        let doctor = try await world.run("doctor")
        #expect(
            doctor.lines.contains(
                "ok      harness: denied tool call of graftwork: denied, and its neighbour made"),
            "\(doctor)")
        try await world.end()
    }

    @Test("fails one that does what was denied, and no session of it begins")
    func disobedient() async throws {
        try await withClaude("touch denied allowed; echo '{\"type\":\"result\"}'\n") { world in
            let doctor = try await world.run("doctor")
            #expect(doctor.code == 1)
            let line = "denied tool call of claude: a call that a policy denies was made all the same"
            #expect(doctor.lines.contains("MISSING harness: \(line)"), "\(doctor)")

            let claude = """
                version: 1
                agents:
                  planner: { harness: graftwork, upstream: openai, model: gpt-5 }
                  builder: { harness: claude }

                """
            try world.folder.write("config/graftwork/config.yaml", claude)
            let result = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(result.code != 0, "\(result)")
            #expect(
                (result.stdout + result.stderr).contains("a call that a policy denies was made"), "\(result)")
            #expect(
                try await world.repository.git("ls-tree", "--name-only", "HEAD").contains("mul.py") == false)
        }
    }

    @Test("fails one that is never asked about, and one that does nothing at all")
    func silent() async throws {
        for (script, why) in [
            ("touch allowed\nexec sleep 0\n", "ended"), ("exit 0\n", "ended"),
        ] {
            try await withClaude(script) { world in
                let doctor = try await world.run("doctor")
                let line = try #require(doctor.lines.first { $0.contains("denied tool call of claude") })
                #expect(line.hasPrefix("MISSING") && line.contains(why), "\(line)")
            }
        }
    }

    @Test("is kept while the program is the same, and taken anew when it changed")
    func kept() async throws {
        let world = try await ProductWorld()
        func land(_ task: String) async throws {
            let script =
                RehearsalScripts.plan([task]) + RehearsalScripts.author(task) + RehearsalScripts.approve
            let result = try await world.rehearse(try world.script(script))
            #expect(result.code == 0, "\(result)")
        }
        try await land("mul")
        let file = world.folder.path("state/graftwork/harnesses.json")
        let first = try Files.readText(file, bytesMax: 1 << 16)
        #expect(first.contains("\"graftwork\""))
        let stamp = try Files.status(of: file).st_mtim
        try await land("sub")
        let later = try Files.status(of: file).st_mtim
        #expect((later.tv_sec, later.tv_nsec) == (stamp.tv_sec, stamp.tv_nsec))
        // What another version of the program left is no proof of this one.
        try Files.writeAtomically(file, text: #"{"digests":{"graftwork":"00"}}"#)
        try await land("half")
        #expect(try Files.readText(file, bytesMax: 1 << 16) == first)
        try await world.end()
    }
}
