import ChildProcess
import Glibc

/// The one place that runs the git program.
///
/// Nothing that a repository, its files or this machine's users configured gets to run: no hooks, no
/// fsmonitor, no filters from attributes of the system or the user, no pager, no prompt, no protocol. What a
/// repository's *own* configuration can still name (filter programs, merge drivers) is shut out by the
/// caller, who runs everything that touches file contents in a git directory of his own.
package struct HardenedGit: Sendable {
    /// Where a command runs. Both directories are always given, so that git never searches and never guesses.
    package struct Place: Hashable, Sendable {
        package var gitDirectory: String
        package var workTree: String
        /// nil: the git directory's own index.
        package var indexFile: String?

        package init(gitDirectory: String, workTree: String, indexFile: String? = nil) {
            self.gitDirectory = gitDirectory
            self.workTree = workTree
            self.indexFile = indexFile
        }
    }

    package static let outputBytesMax = 64 << 20
    package static let timeout = Duration.seconds(600)

    /// The path of the program.
    package let program: String

    package init(program: String) { self.program = program }

    /// Looks in the directories that only root can write to.
    package init() throws(GitProgramError) {
        guard let program = Child.search("git", path: Self.searchPath) else {
            throw .missing(searched: Self.searchPath)
        }
        self.init(program: program)
    }

    private static let searchPath = "/usr/local/bin:/usr/bin:/bin"

    /// Settings that outrank every configuration file.
    private static let settings = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null",
        "core.excludesFile=/dev/null",
        "core.untrackedCache=false", "protocol.allow=never", "protocol.ext.allow=never",
        "submodule.recurse=false",
        "gc.auto=0", "maintenance.auto=false", "commit.gpgSign=false", "checkout.workers=1",
        "index.threads=1",
        "advice.graftFileDeprecated=false",
        // Beyond so many changed paths git looks for no more renames with changes, which would take minutes.
        "merge.renameLimit=1000",
    ]

    private static let environment = [
        "PATH": searchPath, "HOME": "/nonexistent", "LC_ALL": "C", "TZ": "UTC", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_ASKPASS": "/bin/false", "GIT_EDITOR": "/bin/false", "GIT_PAGER": "cat",
    ]

    /// Runs one git command and returns what it printed.
    ///
    /// - Parameters:
    ///   - memoryBytesMax: for what strangers' files can make arbitrarily large.
    ///   - accepted: the exit codes that are results; any other is thrown with what git said.
    package func run(
        _ arguments: [String], in place: Place, workingDirectory: String? = nil, input: [UInt8]? = nil,
        outputBytesMax: Int = outputBytesMax, memoryBytesMax: UInt? = nil,
        timeout: Duration = timeout, accepted: Set<Int32> = [0]
    ) async throws(GitProgramError) -> (exitCode: Int32, stdout: [UInt8]) {
        var environment = Self.environment
        environment["GIT_DIR"] = place.gitDirectory
        environment["GIT_WORK_TREE"] = place.workTree
        environment["GIT_INDEX_FILE"] = place.indexFile
        let argv = [program, "--no-pager"] + Self.settings.flatMap { ["-c", $0] } + arguments
        let operation = "git \(arguments.first ?? "")"
        let output: ChildOutput
        do throws(SpawnError) {
            output = try await Child.run(
                ChildCommand(
                    argv, environment: environment, workingDirectory: workingDirectory ?? place.workTree,
                    memoryBytesMax: memoryBytesMax),
                input: input, outputBytesMax: outputBytesMax, timeout: timeout)
        } catch {
            if error.code == ECANCELED { throw .cancelled(operation: operation) }
            throw .notStarted(operation: operation, reason: error.description)
        }
        if output.timedOut { throw .timedOut(operation: operation, limit: timeout) }
        guard case .exited(let code) = output.termination, accepted.contains(code) else {
            if let memoryBytesMax, output.stderrText.contains("Out of memory") {
                throw .tooMuchMemory(operation: operation, limit: memoryBytesMax)
            }
            throw .failed(
                operation: operation, how: output.termination.description, said: Self.lastLines(output.stderr)
            )
        }
        guard !output.stdoutWasTruncated else {
            throw .tooMuchOutput(operation: operation, limit: outputBytesMax)
        }
        return (code, output.stdout)
    }

    private static let saidBytesMax = 2000

    /// The end of what git complained, as one line without control characters.
    private static func lastLines(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.suffix(saidBytesMax), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
        return String(
            String.UnicodeScalarView(lines.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }
}

/// A run of the git program that gave no result.
package enum GitProgramError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(searched: String)
    case notStarted(operation: String, reason: String)
    case failed(operation: String, how: String, said: String)
    case timedOut(operation: String, limit: Duration)
    case tooMuchOutput(operation: String, limit: Int)
    case tooMuchMemory(operation: String, limit: UInt)
    case cancelled(operation: String)

    package var description: String {
        switch self {
        case .missing(let searched): "there is no program named git in \(searched)"
        case .notStarted(let operation, let reason): "\(operation): \(reason)"
        case .failed(let operation, let how, let said):
            "\(operation) \(how): \(said.isEmpty ? "it said nothing" : said)"
        case .timedOut(let operation, let limit):
            "\(operation) did not end within \(limit.components.seconds) s"
        case .tooMuchOutput(let operation, let limit): "\(operation) printed more than \(limit) bytes"
        case .tooMuchMemory(let operation, let limit):
            "\(operation) needed more than \(limit >> 20) MiB of memory"
        case .cancelled(let operation): "\(operation) was cancelled"
        }
    }

    /// git passes the kernel's own words on.
    package var isDiskFull: Bool {
        guard case .failed(_, _, let said) = self else { return false }
        return said.contains("No space left on device") || said.contains("Disk quota exceeded")
    }
}
