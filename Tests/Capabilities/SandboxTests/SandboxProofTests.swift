import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("The proof of the sandbox", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct SandboxProofTests {
    private let folder: TemporaryFolder
    private let places: SessionPlaces

    init() throws {
        folder = try TemporaryFolder(reachable: true)
        try Files.makeDirectory(folder.path("state"), mode: 0o711)
        places = SessionPlaces(state: folder.path("state"))
    }

    private func tools(_ change: (inout SandboxTools) -> Void = { _ in }) throws -> SandboxTools {
        var tools = try SandboxTools.locate(beside: Files.parent(of: builtProduct(named: "sandbox-init")))
        change(&tools)
        return tools
    }

    private func proof(_ tools: SandboxTools) -> SandboxProof {
        SandboxProof(places: places) { () throws(SandboxError) in tools }
    }

    private var kept: String? { try? Files.readText(folder.path("state/self-test.json"), bytesMax: 1 << 20) }

    @Test("is taken once, and again only when something it depends on changed")
    func keeps() async throws {
        let program = folder.path("bin/sandbox-init")
        try Files.makeDirectory(folder.path("bin"), mode: 0o755)
        let bytes = try Files.read(builtProduct(named: "sandbox-init"), bytesMax: 64 << 20)
        try Files.writeAtomically(program, bytes, mode: 0o755)
        let tools = try tools { $0.sandboxInit = program }
        try await proof(tools).require()
        let first = try #require(kept)
        // Told apart by a word of our own: a proof that is taken again writes its file anew.
        let marked = first.replacing("loopback only", with: "as it was kept")
        try Files.writeAtomically(folder.path("state/self-test.json"), text: marked)
        let again = try await proof(tools).findings()
        #expect(again.contains { $0.detail.contains("as it was kept") })
        #expect(
            try await proof(tools).findings(anew: true).allSatisfy { !$0.detail.contains("as it was kept") })
        try Files.writeAtomically(folder.path("state/self-test.json"), text: marked)
        try Files.changeMode(program, 0o755)  // Its ctime is another now.
        #expect(try await proof(tools).findings().allSatisfy { !$0.detail.contains("as it was kept") })
    }

    @Test("refuses sessions where a wall does not hold, says which, and keeps no such proof")
    func refuses() async throws {
        // In front of bwrap stands what takes its filter away.
        let bwrap = try tools().bwrap
        let script = """
            #!/bin/bash
            [ "$1" = --version ] && exec \(bwrap) --version
            if [ "$1" = --args ]; then
                readarray -d '' -t words <&"$2"; shift 2
                kept=(); skip=0
                for word in "${words[@]}"; do
                    if [ $skip = 1 ]; then skip=0; continue; fi
                    if [ "$word" = --seccomp ]; then skip=1; continue; fi
                    kept+=("$word")
                done
                exec env -i PATH=/usr/bin:/bin \(bwrap) "${kept[@]}" "$@"
            fi
            exec \(bwrap) "$@"

            """
        let open = try folder.write("bin/bwrap", script, mode: 0o755)
        let weak = try tools { $0.bwrap = open }
        let failed = try await proof(weak).findings().filter { !$0.passed }
        #expect(failed.map(\.name).contains("filter"))
        let first = try #require(failed.first)
        await #expect(throws: SandboxError.notProven(check: first.name, detail: first.detail)) {
            try await proof(weak).require()
        }
        #expect(kept == nil)
        try await proof(tools()).require()
        #expect(kept != nil)
    }

    @Test("says what is missing where no sandbox can be built")
    func missing() async throws {
        let none = try tools { $0.bwrap = "/nowhere/bwrap" }
        await #expect(throws: SandboxError.noBwrap(looked: ["/nowhere/bwrap"])) {
            try await proof(none).require()
        }
    }
}
