import Fixtures
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
}
