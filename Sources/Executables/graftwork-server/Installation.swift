import Configuration
import ControlProtocol
import Glibc
import Harnesses
import Linux
import Vocabulary

/// Where this program stands, and where its user's state and configuration are.
struct Installation: Sendable {
    /// The folder of `graftwork-runner`, `graftwork-agent` and `sandbox-init`: the one this program is in.
    let executables: String
    let locations: Locations
    let environment: [String: String]

    static func here() throws -> Installation {
        let environment = SystemIdentity.environment
        return Installation(
            executables: Files.parent(of: try SystemIdentity.executablePath),
            locations: Locations(
                environment: environment, home: SystemIdentity.homeDirectory, isRoot: SystemIdentity.isRoot),
            environment: environment)
    }

    /// The harnesses found on this machine. Looked for anew each time: one may be installed meanwhile.
    var harnesses: [HarnessProgram] {
        HarnessDetector.detect(
            searching: searchPath,
            cache: HarnessDetector.cacheFolder(environment: environment, isRoot: SystemIdentity.isRoot),
            agentBeside: executables)
    }

    /// Those of them that an agent of the user's configuration names.
    func configuredHarnesses() throws -> [HarnessProgram] {
        let named = Set(try configuration().agents.map(\.harness))
        return harnesses.filter { named.contains($0.kind) }
    }

    /// What the user's own configuration says.
    func configuration() throws(ConfigurationError) -> GraftworkConfiguration {
        try ConfigurationLoader.load(
            user: .disk(locations.configuration), repository: .none, home: SystemIdentity.homeDirectory)
    }

    var searchPath: [String] { (environment["PATH"] ?? "").split(separator: ":").map(String.init) }
}

extension Problem {
    /// A full disk is nobody's fault to report, whatever could not be written to it.
    init(explaining error: any Error) {
        guard let failed = error as? SystemError, failed.isDiskFull else {
            self.init(error)
            return
        }
        self.init(
            "\(failed).",
            hint: "Free some space, or files where their number is limited, on that file system.",
            blame: .environment)
    }
}

/// Unbuffered output of whole texts.
enum FileHandleOutput {
    static func standardError(_ text: String) { write(text, to: 2) }
    static func standardOutput(_ text: String) { write(text, to: 1) }

    private static func write(_ text: String, to number: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
}
