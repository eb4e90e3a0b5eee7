import ChildProcess
import Fixtures
import Linux
import Sandbox
import Testing

/// The whole way once more as a person's own account: everything rests on the mounts and the filter there.
@Suite(
    "An ordinary user's sandbox", bwrapIsHere,
    .enabled(if: Requirement.isRoot, "needs root, to make the user"))
struct OrdinaryUserTests {
    @Test(
        "passes every check from inside, for an account made by useradd",
        .enabled(if: Requirement.has("useradd"), "needs useradd"))
    func account() async throws {
        let name = "graft-" + RandomBytes.hex(count: 4)
        try await administer(["useradd", "--create-home", "--shell", "/bin/sh", name])
        do {
            try await probe(as: name)
        } catch {
            try await administer(["userdel", "--remove", name])
            throw error
        }
        try await administer(["userdel", "--remove", name])
        #expect(SystemIdentity.account(named: name) == nil)
    }

    private func probe(as name: String) async throws {
        let account = try #require(SystemIdentity.account(named: name))
        let folder = try TemporaryFolder(reachable: true)
        try Files.makeDirectory(folder.path("state"), mode: 0o755)
        let built = try builtProduct(named: "sandbox-init")
        let sandboxInit = try ProgramMirror(stateDirectory: folder.path("state")).reachable(
            built, by: account.uid)
        let worktree = account.home + "/worktree"
        let home = account.home + "/session"
        for path in [worktree, home] {
            try Files.makeDirectory(path, mode: 0o700)
            try Files.changeOwner(tree: path, uid: account.uid, gid: account.gid)
        }
        let key = account.home + "/.ssh/id_ed25519"
        try Files.makeDirectory(Files.parent(of: key), mode: 0o700)
        try Files.writeAtomically(key, text: "private key\n")
        try Files.changeOwner(tree: Files.parent(of: key), uid: account.uid, gid: account.gid)

        let profile = SandboxProfile(
            kind: .check, worktree: worktree, home: home,
            command: [
                SandboxPlan.sandboxInitInside, "probe", "--secret", key, "--outside", account.home,
                "--variables",
                """
                GIT_CONFIG_NOSYSTEM,GIT_TERMINAL_PROMPT,HOME,LANG,LOGNAME,PATH,PYTHONDONTWRITEBYTECODE,TERM,\
                TMPDIR,USER
                """,
            ])
        var host = HostFacts.observe(profile)
        host.callerUID = account.uid
        let plan = try SandboxPlan(profile, sandboxInit: sandboxInit, host: host)
        let start = try folder.write(
            "start",
            """
            #!/bin/sh\nexec setpriv --reuid=\(name) --regid=\(account.gid) --init-groups '\(sandboxInit)' \
            \"$@\"\n
            """,
            mode: 0o755)
        let launcher = SandboxLauncher(
            tools: SandboxTools(
                bwrap: try SandboxTools.locate(beside: Files.parent(of: built)).bwrap, sandboxInit: start),
            findGroups: { () throws(ControlGroups.Absence) in
                throw ControlGroups.Absence(description: "this user has none")
            })
        let output = try await launcher.run(plan, timeout: .seconds(60))
        #expect(output.isSuccess, "\(output.stderrText)")
        let findings = SandboxSelfTest.findings(in: output.stdoutText)
        #expect(findings.map(\.name) == SandboxSelfTest.names)
        #expect(findings.filter { !$0.passed } == [])
    }

    private func administer(_ command: [String]) async throws {
        let output = try await Child.run(
            ChildCommand(command, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]),
            timeout: .seconds(60))
        try #require(output.isSuccess, "\(command): \(output.stderrText)")
    }
}
