import ChildProcess
import Linux

/// Proves the sandbox on this machine: from inside a real one, what must fail fails and what must work works.
package struct SandboxSelfTest: Sendable {
    package struct Finding: Hashable, Sendable, Codable {
        package var name: String
        package var passed: Bool
        /// What was seen.
        package var detail: String
        package init(name: String, passed: Bool, detail: String) {
            self.name = name
            self.passed = passed
            self.detail = detail
        }
    }

    /// Every check that sandbox-init's `probe` must report: one that did not run has not passed.
    package static let names = [
        "secret outside", "core pattern", "core limit", "write beside the worktree", "write to /usr",
        "write to /etc", "write to /",
        "worktree is writable", "home is writable", "temporary folder is writable",
        "environment of process 1", "memory of process 1",
        "environment", "network interfaces", "network route", "network vsock", "filter", "no new privileges",
        "no capabilities", "filter refuses unshare", "filter refuses keyctl", "filter refuses ptrace",
        "filter refuses new calls",
    ]
    private static let patience = Duration.seconds(30)

    /// Runs the proof in a folder of its own below `folder`, which the uid must be able to reach. Not below
    /// `/tmp`, where the sandbox has its own memory, in which it may write.
    package static func run(launcher: SandboxLauncher, uid: UInt32?, in folder: String = "/var/tmp") async
        -> [Finding]
    {
        sweep(folder)
        let base = "\(folder)/\(prefix)\(SystemIdentity.pid)-\(RandomBytes.hex(count: 6))"
        let findings: [Finding]
        do {
            findings = try await probe(launcher, uid, base)
        } catch {
            findings = [Finding(name: "sandbox starts", passed: false, detail: "\(error)")]
        }
        do throws(SystemError) {
            try Files.removeTree(base)
        } catch {
            return findings + [Finding(name: "cleaning up", passed: false, detail: error.description)]
        }
        return findings
    }

    /// Begins the name of a test's folder; the number of the process that takes the test follows.
    package static let prefix = "graftwork-self-test-"

    /// Removes what tests left whose process was killed. What cannot be removed is another user's.
    private static func sweep(_ folder: String) {
        for name in (try? Files.list(folder)) ?? [] where name.hasPrefix(prefix) {
            let pid = name.dropFirst(prefix.count).prefix { $0 != "-" }
            guard !Files.exists("/proc/\(pid)") else { continue }
            // Not a cause lost: nothing depends on it, and the next test tries again.
            try? Files.removeTree("\(folder)/\(name)")
        }
    }

    private static func probe(_ launcher: SandboxLauncher, _ uid: UInt32?, _ base: String) async throws
        -> [Finding]
    {
        for name in ["", "/worktree", "/home"] {
            try Files.makeDirectory(base + name, mode: 0o711)
            try Files.changeMode(base + name, 0o711)
            if !name.isEmpty, let uid { try Files.changeOwner(tree: base + name, uid: uid, gid: uid) }
        }
        // Readable by all, so that nothing but the mounts keeps it from the agent.
        try Files.writeAtomically(base + "/secret", text: "not for agents\n", mode: 0o644)
        let variables = try SandboxEnvironment.merged(with: [:]).map(\.name).joined(separator: ",")
        let profile = SandboxProfile(
            kind: .check, worktree: base + "/worktree", home: base + "/home",
            command: [
                SandboxPlan.sandboxInitInside, "probe", "--secret", base + "/secret", "--outside", base,
                "--variables",
                variables,
            ], uid: uid)
        let output = try await launcher.run(profile, outputBytesMax: 64 << 10, timeout: patience)
        guard output.isSuccess else {
            let said = output.stderrText.split(separator: "\n").last.map(String.init) ?? "nothing"
            return [
                Finding(
                    name: "sandbox starts", passed: false,
                    detail: output.timedOut ? "it hung" : "it \(output.termination) and said “\(said)”")
            ]
        }
        return findings(in: output.stdoutText)
    }

    /// Reads the probe's lines; every expected name gets a finding, in the order of `names`.
    package static func findings(in text: String) -> [Finding] {
        var reported: [String: Finding] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(
                String.init)
            guard fields.count == 3 else { continue }
            reported[fields[0]] = Finding(name: fields[0], passed: fields[1] == "passed", detail: fields[2])
        }
        return names.map { reported[$0] ?? Finding(name: $0, passed: false, detail: "it did not run") }
    }
}
