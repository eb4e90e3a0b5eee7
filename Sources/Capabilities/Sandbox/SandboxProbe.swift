package import ChildProcess
import Linux
import Seccomp

/// Finds out whether this machine can build a sandbox at all, and if not, what it lacks.
package struct SandboxProbe: Sendable {
    package enum Outcome: Hashable, Sendable {
        case works(bwrapVersion: String)
        case refused(SandboxError)
    }

    /// The first version with `--disable-userns`.
    package static let neededVersion = "0.8.0"
    private static let patience = Duration.seconds(20)

    /// Builds the smallest sandbox and runs `true` in it. As root it does so under a uid that owns nothing.
    package static func run(tools: SandboxTools) async -> Outcome {
        do throws(SandboxError) {
            let version = try await bwrapVersion(tools.bwrap)
            guard isAtLeast(version, neededVersion) else {
                throw .oldBwrap(found: version, needed: neededVersion)
            }
            try await buildOne(tools)
            return .works(bwrapVersion: version)
        } catch {
            return .refused(error)
        }
    }

    private static func bwrapVersion(_ bwrap: String) async throws(SandboxError) -> String {
        guard Files.isExecutable(bwrap) else { throw .noBwrap(looked: [bwrap]) }
        let output = try await output(
            of: ChildCommand([bwrap, "--version"], environment: [:], workingDirectory: "/"))
        let words = output.stdoutText.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard output.isSuccess, words.first == "bubblewrap", let version = words.dropFirst().first else {
            throw .probeFailed(detail: "\(bwrap) --version \(output.termination)")
        }
        return String(version)
    }

    private static func buildOne(_ tools: SandboxTools) async throws(SandboxError) {
        // 65534 is nobody: it needs no claim, for it owns nothing and meets nothing.
        let uid = SystemIdentity.isRoot ? ["--uid", "65534"] : []
        let filter: [UInt8]
        do throws(SeccompError) {
            filter = try SeccompCompiler.compile(SandboxFilter.program)
        } catch {
            throw .filterNotCompiled(reason: error.description)
        }
        let descriptor: Descriptor
        do throws(SystemError) {
            descriptor = try MemoryFile.holding(filter, name: "filter")
        } catch {
            throw .probeFailed(detail: error.description)
        }
        let arguments =
            [tools.sandboxInit, "launch", "--parent", String(SystemIdentity.pid)] + uid
            + ["--core", "0", "--nofile", "4096", "--keep", "4", "--", tools.bwrap]
            + [
                "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--cap-drop",
                "ALL",
            ]
            + ["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"]
            + ["--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--seccomp", "4"]
            + ["--", "/usr/bin/true"]
        let output = try await output(
            of: ChildCommand(
                arguments, environment: [:], workingDirectory: "/",
                passedDescriptors: [.init(descriptor, as: 4)]))
        if output.isSuccess { return }
        throw classify(stderr: output.stderrText, termination: output.termination, switches: readSwitches())
    }

    /// What a failed attempt means. Pure, because no test machine lacks everything.
    package static func classify(stderr: String, termination: Termination, switches: [String: String])
        -> SandboxError
    {
        let said = stderr.split(separator: "\n").last.map(String.init) ?? "it said nothing"
        if said.contains("seccomp") || said.contains("SECCOMP") {
            return .filtersMissing(evidence: "bwrap said “\(said)”")
        }
        if said.contains("hard limit of core dumps") { return .coreLimitTooLow }
        for (name, offValue) in [
            ("user.max_user_namespaces", "0"), ("kernel.unprivileged_userns_clone", "0"),
            ("kernel.apparmor_restrict_unprivileged_userns", "1"),
        ] where switches[name] == offValue {
            return .userNamespacesOff(evidence: "\(name) is \(offValue)")
        }
        let signs = [
            "Creating new namespace", "create new namespace", "uid map", "user namespace", "No permissions",
        ]
        if signs.contains(where: said.contains) {
            return .userNamespacesOff(evidence: "bwrap said “\(said)”")
        }
        return .probeFailed(detail: "it \(termination) and said “\(said)”")
    }

    private static let switchNames = [
        "user.max_user_namespaces", "kernel.unprivileged_userns_clone",
        "kernel.apparmor_restrict_unprivileged_userns",
    ]
    static let switchFiles = switchNames.map { "/proc/sys/" + $0.replacing(".", with: "/") }

    /// The kernel's switches that can turn user namespaces off; one that this kernel does not have is absent.
    private static func readSwitches() -> [String: String] {
        var switches: [String: String] = [:]
        for (name, path) in zip(switchNames, switchFiles) {
            // Unreadable and absent mean the same: no evidence.
            if let text = try? Files.readText(path, bytesMax: 64) {
                switches[name] = text.split(separator: "\n").first.map(String.init)
            }
        }
        return switches
    }

    static func isAtLeast(_ version: String, _ needed: String) -> Bool {
        func numbers(_ text: String) -> [Int] {
            let parts = text.split(separator: ".").map { Int($0) ?? 0 }
            return parts + Array(repeating: 0, count: max(0, 3 - parts.count))
        }
        return !numbers(version).lexicographicallyPrecedes(numbers(needed))
    }

    private static func output(of command: ChildCommand) async throws(SandboxError) -> ChildOutput {
        do {
            return try await Child.run(command, outputBytesMax: 16 << 10, timeout: patience)
        } catch {
            throw .probeFailed(detail: "\(error)")
        }
    }
}
