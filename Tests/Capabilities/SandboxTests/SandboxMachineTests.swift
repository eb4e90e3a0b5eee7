import ChildProcess
import Fixtures
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("What a machine must have")
struct SandboxMachineTests {
    private static let bwrapIsHere: ConditionTrait = .enabled(
        if: Requirement.has("bwrap"), "needs the program bwrap")

    private func tools() throws -> SandboxTools {
        try SandboxTools.locate(beside: Files.parent(of: builtProduct(named: "sandbox-init")))
    }

    @Test("is found where it is", bwrapIsHere)
    func works() async throws {
        guard case .works(let version) = await SandboxProbe.run(tools: try tools()) else {
            Issue.record("\(await SandboxProbe.run(tools: try tools()))")
            return
        }
        #expect(version.hasPrefix("0."))
    }

    @Test("is missed by name: no bwrap, no sandbox-init")
    func missing() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: SandboxError.noBwrap(looked: [folder.path("bwrap")])) {
                try SandboxTools.locate(beside: folder.path, bwrapPlaces: [folder.path("bwrap")])
            }
            try folder.write("bwrap", "#!/bin/sh\n", mode: 0o755)
            #expect(throws: SandboxError.noSandboxInit(looked: [folder.path("sandbox-init")])) {
                try SandboxTools.locate(beside: folder.path, bwrapPlaces: [folder.path("bwrap")])
            }
            let gone = SandboxTools(bwrap: folder.path("gone"), sandboxInit: "/nowhere")
            #expect(await SandboxProbe.run(tools: gone) == .refused(.noBwrap(looked: [folder.path("gone")])))
            #expect(SandboxError.noBwrap(looked: []).hint?.contains("apt-get install bubblewrap") == true)
        }
    }

    @Test(
        "is refused when bwrap is older than --disable-userns",
        arguments: [("0.4.1", true), ("0.8.0", false), ("0.11.0", false)])
    func old(version: String, isOld: Bool) async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let script = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'bubblewrap \(version)'\nexit 0\n"
            let bwrap = try folder.write("bwrap", script, mode: 0o755)
            var tools = try tools()
            tools.bwrap = bwrap
            let outcome = await SandboxProbe.run(tools: tools)
            #expect(
                outcome
                    == (isOld
                        ? .refused(.oldBwrap(found: version, needed: "0.8.0"))
                        : .works(bwrapVersion: version)))
        }
    }

    @Test("is told apart by what bwrap says and how the switches stand")
    func classification() {
        let off = "bwrap: No permissions to create new namespace, likely because the kernel does not allow it"
        func classify(_ said: String, _ switches: [String: String] = [:]) -> SandboxError {
            SandboxProbe.classify(stderr: said, termination: .exited(1), switches: switches)
        }
        #expect(classify(off) == .userNamespacesOff(evidence: "bwrap said “\(off)”"))
        #expect(
            classify(
                "bwrap: Creating new namespace failed: No space left on device",
                ["user.max_user_namespaces": "0"])
                == .userNamespacesOff(evidence: "user.max_user_namespaces is 0"))
        #expect(
            classify(
                "bwrap: setting up uid map: Permission denied",
                ["kernel.apparmor_restrict_unprivileged_userns": "1"])
                == .userNamespacesOff(evidence: "kernel.apparmor_restrict_unprivileged_userns is 1"))
        #expect(
            classify("bwrap: prctl(PR_SET_SECCOMP): Invalid argument")
                == .filtersMissing(evidence: "bwrap said “bwrap: prctl(PR_SET_SECCOMP): Invalid argument”"))
        #expect(
            classify("sandbox-init: cannot raise the hard limit of core dumps to 1: Operation not permitted.")
                == .coreLimitTooLow)
        #expect(classify("bwrap: odd") == .probeFailed(detail: "it exited with code 1 and said “bwrap: odd”"))
        #expect(classify("") == .probeFailed(detail: "it exited with code 1 and said “it said nothing”"))
    }

    @Test(
        "is refused where user namespaces are really switched off", bwrapIsHere,
        .enabled(
            if: Requirement.isRoot && Requirement.has("unshare"),
            "needs root and unshare, to make a place without them"))
    func namespacesOff() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            // The switch is per user namespace: inside a new one it can be 0 without anyone else noticing.
            let real = try tools().bwrap
            let bwrap = try folder.write(
                "bwrap",
                """
                #!/bin/sh
                [ "$1" = --version ] && exec \(real) --version
                exec unshare --user --map-root-user --mount sh -c '
                    echo 0 > /proc/sys/user/max_user_namespaces && exec \(real) "$@"' bwrap "$@"
                """, mode: 0o755)
            var tools = try tools()
            tools.bwrap = bwrap
            guard case .refused(.userNamespacesOff) = await SandboxProbe.run(tools: tools) else {
                Issue.record("\(await SandboxProbe.run(tools: tools))")
                return
            }
        }
    }

    @Test("passes the self-test, every check of it", bwrapIsHere)
    func selfTest() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            try Files.makeDirectory(folder.path("state"), mode: 0o755)
            let launcher = SandboxLauncher(
                tools: try tools(), mirror: ProgramMirror(stateDirectory: folder.path("state")))
            let uid = SystemIdentity.isRoot ? SessionUIDs.availableRange().upperBound - 1 : nil
            let findings = await SandboxSelfTest.run(launcher: launcher, uid: uid)
            #expect(findings.map(\.name) == SandboxSelfTest.names)
            #expect(findings.filter { !$0.passed } == [])
        }
    }

    @Test("removes what a self-test left whose process is gone, and nothing else")
    func sweepsSelfTests() async throws {
        let folder = try TemporaryFolder()
        let gone = try Child.spawn(
            ChildCommand(["/bin/true"], environment: [:]), stdin: .null, stdout: .null, stderr: .null)
        _ = await gone.wait()
        let kept = [
            "\(SandboxSelfTest.prefix)\(SystemIdentity.pid)-lives", "another-\(gone.pid)-folder",
            "\(SandboxSelfTest.prefix)1-lives",
        ]
        for name in kept + ["\(SandboxSelfTest.prefix)\(gone.pid)-left"] {
            try folder.write("\(name)/secret", "not for agents\n")
        }
        // A link is removed and not followed.
        try Files.makeLink(
            at: folder.path("\(SandboxSelfTest.prefix)\(gone.pid)-link"), to: folder.path(kept[1]))
        let findings = await SandboxSelfTest.run(
            launcher: SandboxLauncher(tools: SandboxTools(bwrap: "/nowhere", sandboxInit: "/nowhere")),
            uid: nil, in: folder.path)
        #expect(findings.map(\.name) == ["sandbox starts"])
        #expect(try Files.list(folder.path).sorted() == kept.sorted())
        #expect(try folder.read("\(kept[1])/secret") == "not for agents\n")
    }

    @Test("fails the self-test, and says why, when the sandbox does not start")
    func failingSelfTest() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let bwrap = try folder.write("bwrap", "#!/bin/sh\necho 'bwrap: no' >&2\nexit 1\n", mode: 0o755)
            var tools = try tools()
            tools.bwrap = bwrap
            try Files.makeDirectory(folder.path("state"), mode: 0o755)
            let launcher = SandboxLauncher(
                tools: tools, mirror: ProgramMirror(stateDirectory: folder.path("state")))
            let uid = SystemIdentity.isRoot ? SessionUIDs.availableRange().upperBound - 2 : nil
            #expect(
                await SandboxSelfTest.run(launcher: launcher, uid: uid) == [
                    .init(
                        name: "sandbox starts", passed: false,
                        detail: "it exited with code 1 and said “bwrap: no”")
                ])
        }
    }
}
