import Fixtures
import Glibc
import Linux
import Testing

@Suite("Toolchains", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct ToolchainStories {
    /// A repository of Rust, as far as its files tell, and a `cargo` in a home that only its owner may enter.
    private func withWorld(
        configuration: String? = nil, _ body: (ProductWorld, _ toolchain: String) async throws -> Void
    ) async throws {
        let place = try TemporaryFolder(reachable: true)
        try place.write(
            "closed/rust-1.80/bin/cargo", "#!/bin/sh\ncat \"${0%/*}/../lib/report\"\n", mode: 0o755)
        try place.write(
            "closed/rust-1.80/lib/report", "test result: ok. 3 passed; 0 failed; 0 ignored\n")
        try Files.changeMode(place.path("closed"), 0o700)
        let toolchain = place.path("closed/rust-1.80")
        let world = try await ProductWorld(
            files: ProductWorld.sample.merging(["Cargo.toml": "[package]\n"]) { $1 },
            configuration: configuration,
            variables: ["PATH": "\(toolchain)/bin:/usr/local/bin:/usr/bin:/bin"])
        do {
            try await body(world, toolchain)
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }

    private static let check = "checks: [{ name: build, argv: [cargo, test], require-tests: 1 }]\n"

    @Test("are named where a check cannot start without them, and once declared the same run lands")
    func declared() async throws {
        try await withWorld(configuration: ProductWorld.twoVendors + Self.check) { world, toolchain in
            let script = try world.script(RehearsalScripts.oneTask)
            let held = try await world.rehearse(script)
            #expect(held.code == 3, "\(held)")
            #expect(
                held.text.contains("cargo lies in \(toolchain), which sandboxes do not show"), "\(held)")

            _ = try world.folder.write(
                "config/graftwork/config.yaml",
                ProductWorld.twoVendors + Self.check + "toolchains: [\(toolchain)]\n")
            let landed = try await world.rehearse(script, goal: "Again")
            #expect(landed.code == 0, "\(landed)")
            // A root server's sessions have no way to the closed folder, and see a copy.
            let copies = world.folder.path("state/graftwork/toolchains")
            #expect(Files.exists(copies) == Requirement.isRoot)
        }
    }

    @Test("are named by doctor, which proposes them where there is no configuration")
    func doctor() async throws {
        try await withWorld { world, toolchain in
            let found = try await world.run("doctor")
            #expect(
                found.lines.contains(
                    "note    toolchain: cargo lies in \(toolchain), which sandboxes do not show."), "\(found)"
            )
            #expect(
                found.lines.contains("        Add `toolchains: [\(toolchain)]` to your configuration."))

            // With a key there is something to propose, and a first run saves it where a person says yes.
            let keys = ["env", "OPENAI_API_KEY=x", "ANTHROPIC_API_KEY=y"]
            let line = "toolchains: [\(toolchain)]"
            let proposed = try await world.run(["doctor"], prefix: keys)
            #expect(proposed.lines.contains("    \(line)"), "\(proposed)")
            let script = try world.script(RehearsalScripts.oneTask)
            let first = try await world.run(["run", "Add one", "--rehearse", script, "--yes"], prefix: keys)
            let saved = world.folder.path("config/graftwork/config.yaml")
            #expect(Files.exists(saved), "\(first)")
            #expect(try Files.readText(saved, bytesMax: 10_000).contains(line + "\n"))

            _ = try world.folder.write(
                "config/graftwork/config.yaml", ProductWorld.twoVendors + "toolchains: [\(toolchain)]\n")
            let mended = try await world.run("doctor")
            #expect(mended.lines.contains("ok      toolchain: cargo: \(toolchain)"), "\(mended)")
        }
    }

    @Test("are tried by hand with `sandbox run --read`, wherever they lie")
    func byHand() async throws {
        try await withWorld { world, toolchain in
            let result = try await world.run(
                "sandbox", "run", "--read", toolchain, "--", "sh", "-c",
                "cargo; ls \(Files.parent(of: toolchain))")
            #expect(
                result.stdout == "test result: ok. 3 passed; 0 failed; 0 ignored\nrust-1.80\n", "\(result)")
            let plan = try await world.run(
                "sandbox", "run", "--print-plan", "--read", toolchain, "--", "true")
            let copied = "\(toolchain) from \(world.folder.path("state/graftwork/toolchains"))/"
            #expect(plan.stdout.contains(copied) == Requirement.isRoot, "\(plan)")
        }
    }

    @Test("are shown to a set-up with caches from the same closed home, which it cannot write")
    func setUp() async throws {
        try await withWorld { world, toolchain in
            let cache = Files.parent(of: toolchain) + "/cache"
            try Files.makeDirectory(cache, mode: 0o755)
            try Files.writeAtomically("\(cache)/crate", text: "a crate\n", mode: 0o644)
            _ = try world.folder.write(
                "config/graftwork/config.yaml",
                ProductWorld.twoVendors + Self.check + """
                    toolchains: [\(toolchain)]
                    worktree:
                      share: [\(cache)]
                      setup: ["cargo && grep 'a crate' \(cache)/crate && ! touch \(cache)/new"]

                    """)
            let landed = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(landed.code == 0, "\(landed)")
        }
    }

    @Test("are named where a set-up cannot start without them")
    func undeclaredSetUp() async throws {
        let setUp = "worktree: { setup: [\"cargo --version\"] }\n"
        try await withWorld(configuration: ProductWorld.twoVendors + setUp) { world, toolchain in
            let held = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(held.code == 3, "\(held)")
            #expect(
                held.text.contains("cargo lies in \(toolchain), which sandboxes do not show."), "\(held)")
        }
    }

    @Test("are copied for as long as somebody uses them: the server sweeps what nobody does")
    func sweeping() async throws {
        try await withWorld(configuration: ProductWorld.twoVendors) { world, _ in
            let digest = String(repeating: "a", count: 64)
            let record = try world.folder.write(
                "state/graftwork/toolchains/known/\(digest)", "\(digest)\n/opt/old")
            let longAgo = timespec(tv_sec: 1_000_000_000, tv_nsec: 0)
            #expect(utimensat(AT_FDCWD, record, [longAgo, longAgo], 0) == 0)
            // Any run makes a server begin; this one is held, for nothing shows its check the way to `cargo`.
            let held = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
            #expect(held.code == 3, "\(held)")
            try await wait { !Files.exists(record) }
        }
    }

    // MARK: Real ones

    private func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// A Python of pyenv's that is small enough to copy; nil: there is none.
    private static let python: String? = {
        let versions = SystemIdentity.homeDirectory + "/.pyenv/versions"
        return ((try? Files.list(versions)) ?? []).map { "\(versions)/\($0)" }.first { folder in
            Files.isExecutable("\(folder)/bin/python3")
                && (try? TreeListing(of: folder, entriesMax: 10_000)) != nil
        }
    }()

    /// The Swift that this was built with, where it lies outside /usr.
    private static let swift: String? = {
        let path = (SystemIdentity.environment["PATH"] ?? "").split(separator: ":")
        guard let found = path.first(where: { Files.isExecutable("\($0)/swift") }),
            let real = try? Files.realPath("\(found)/swift"), !real.hasPrefix("/usr/")
        else { return nil }
        return Files.parent(of: Files.parent(of: Files.parent(of: real)))
    }()

    @Test(
        "run tests with a Python from the user's home, which stays closed",
        .enabled(if: python != nil, "needs a Python of pyenv's with fewer than 8,000 files"))
    func realPython() async throws {
        let python = try #require(Self.python)
        let world = try await ProductWorld(
            configuration: ProductWorld.twoVendors + "toolchains: [\(python)]\n"
                + "checks: [{ name: unit, argv: [python3, check.py], require-tests: 1 }]\n")
        try world.repository.write(
            "check.py",
            """
            import os, sys, unittest
            class Here(unittest.TestCase):
                def test_it_is_the_declared_one(self):
                    self.assertEqual(sys.prefix, '\(python)')
                def test_the_home_is_closed(self):
                    self.assertEqual(os.listdir(os.path.dirname('\(python)')), ['\(name(of: python))'])
                    self.assertEqual(os.listdir('\(SystemIdentity.homeDirectory)'), ['.pyenv'])
            unittest.main()

            """)
        try await world.repository.commit("a check of its own")
        let landed = try await world.rehearse(try world.script(RehearsalScripts.oneTask))
        #expect(landed.code == 0, "\(landed)")
        try await world.end()
    }

    @Test(
        "compile and run a program with the Swift that lies outside /usr",
        .enabled(if: swift != nil, "needs a Swift outside /usr"))
    func realSwift() async throws {
        let swift = try #require(Self.swift)
        let world = try await ProductWorld()
        let result = try await world.run(
            "sandbox", "run", "--read", swift, "--", "sh", "-c",
            "echo 'print(6 * 7)' > main.swift && swiftc main.swift -o main && ./main && ls /opt")
        #expect(result.code == 0 && result.lines.first == "42", "\(result)")
        if Files.parent(of: swift) == "/opt" { #expect(result.lines.last == name(of: swift)) }
        try await world.end()
    }
}
