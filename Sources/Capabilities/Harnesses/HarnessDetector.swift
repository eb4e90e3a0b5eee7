import ChildProcess
import Linux
package import Vocabulary

/// Finds the harnesses that are installed on this machine.
package enum HarnessDetector {
    /// How long a program may take to say its version.
    private static let versionTimeout = Duration.seconds(10)
    private static let versionBytesMax = 4 << 10
    /// How far above a script its package's own folder may be.
    private static let packageDepthMax = 4

    /// The folder `scripts/harnesses` fills.
    ///
    /// For root it is no part of root's home: a session runs as a user of its own, and nothing below `/root`
    /// can be shown to it.
    package static func cacheFolder(environment: [String: String], isRoot: Bool) -> String? {
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            return "\(cache)/graftwork/harnesses"
        }
        if isRoot { return "/var/cache/graftwork/harnesses" }
        return environment["HOME"].map { "\($0)/.cache/graftwork/harnesses" }
    }

    /// The programs found, in the order built-in, claude, codex; of each the first place that has it.
    ///
    /// - Parameters:
    ///   - path: the folders of the user's `PATH`; relative ones are passed over.
    ///   - cache: what ``cacheFolder(environment:isRoot:)`` says; searched after the path.
    ///   - executableFolder: where our own programs are; the built-in agent is beside them.
    package static func detect(
        searching path: [String], cache: String?, agentBeside executableFolder: String
    ) -> [HarnessProgram] {
        let folders = path + (cache.map { ["\($0)/bin"] } ?? [])
        return [
            find("graftwork-agent", as: .builtIn, in: [executableFolder]),
            find("claude", as: .claude, in: folders),
            find("codex", as: .codex, in: folders),
        ].compactMap(\.self)
    }

    /// The program an `acp` or `command` agent names, or nil when it is not there.
    package static func program(for agent: AgentDefinition, searching path: [String]) -> HarnessProgram? {
        guard let name = agent.command.first, !name.isEmpty else { return nil }
        if name.hasPrefix("/") { return found(name, as: agent.harness) }
        return name.contains("/") ? nil : find(name, as: agent.harness, in: path)
    }

    /// The first line the program answers to `--version`; nil when it does not answer in time.
    package static func version(of program: HarnessProgram) async -> String? {
        let command = ChildCommand(
            [program.executable, "--version"],
            // No folder can be made below a file: a program that only tells its version leaves nothing
            // behind.
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/dev/null", "LANG": "C.UTF-8"],
            workingDirectory: "/")
        let output: ChildOutput
        do throws(SpawnError) {
            output = try await Child.run(
                command, outputBytesMax: versionBytesMax, timeout: versionTimeout, teardown: .immediate)
        } catch {
            return nil  // A program that does not start has no version; starting it for a session says why.
        }
        guard output.isSuccess, let line = output.stdoutText.split(separator: "\n").first else { return nil }
        return VisibleText.oneLine(String(line), limit: 100)
    }

    private static func find(_ name: String, as kind: HarnessKind, in folders: [String]) -> HarnessProgram? {
        folders.lazy.filter { $0.hasPrefix("/") }.compactMap { found("\($0)/\(name)", as: kind) }.first
    }

    private static func found(_ path: String, as kind: HarnessKind) -> HarnessProgram? {
        guard Files.isExecutable(path), !Files.isDirectory(path) else { return nil }
        let real: String
        do throws(SystemError) {
            real = try Files.realPath(path)
        } catch {
            return nil  // It went away between the two looks.
        }
        var shown = [package(around: real)]
        if kind == .builtIn { shown += runtimeFolders() }
        // The sandbox shows /usr whole.
        return HarnessProgram(
            kind: kind, executable: real, readOnlyPaths: shown.filter { !$0.hasPrefix("/usr/") })
    }

    /// The folder of the package the program is part of, or the program alone.
    ///
    /// Never simply the folder it is in: that can be `~/bin` or `~/.local/bin`, with the user's own files in
    /// and above.
    private static func package(around program: String) -> String {
        var folder = Files.parent(of: program)
        for _ in 0..<packageDepthMax {
            guard folder.split(separator: "/").count > 2 else { break }
            if ["codex-package.json", "package.json"].contains(where: { Files.exists("\(folder)/\($0)") }) {
                return folder
            }
            folder = Files.parent(of: folder)
        }
        return program
    }

    /// Where the Swift runtime is that this program, and so the agent built with it, uses; nothing when it is
    /// linked in.
    private static func runtimeFolders() -> [String] {
        let maps: String
        do throws(SystemError) {
            maps = try Files.readText("/proc/self/maps", bytesMax: 4 << 20)
        } catch {
            return []
        }
        let line = maps.split(separator: "\n").first { $0.hasSuffix("/libswiftCore.so") }
        guard let path = line?.split(separator: " ").last else { return [] }
        return [Files.parent(of: String(path))]
    }
}
