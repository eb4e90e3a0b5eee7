import FoundationEssentials
import Glibc
import Hashing
import Linux
import Seccomp
import Vocabulary

/// The self-test of this machine's sandbox, taken once and again only when something it depends on changed.
///
/// Kept are passes only: what failed is tried anew each time, for somebody may have mended it.
package actor SandboxProof {
    private struct Kept: Codable {
        var digest: String
        var findings: [SandboxSelfTest.Finding]
    }

    private let tools: @Sendable () throws(SandboxError) -> SandboxTools
    private let places: SessionPlaces
    /// The one that is being taken: whoever comes meanwhile waits for the same.
    private var taking: Task<[SandboxSelfTest.Finding], any Error>?

    package init(places: SessionPlaces, tools: @escaping @Sendable () throws(SandboxError) -> SandboxTools) {
        self.places = places
        self.tools = tools
    }

    /// Throws, with the first reason, unless the sandbox is proven on this machine as it is now.
    package func require() async throws {
        if let failed = try await findings().first(where: { !$0.passed }) {
            throw SandboxError.notProven(check: failed.name, detail: failed.detail)
        }
    }

    /// What the test found; taken now unless it passed before on a machine that was the same.
    package func findings(anew: Bool = false) async throws -> [SandboxSelfTest.Finding] {
        if let taking { return try await taking.value }
        let tools = try tools()
        let digest = try Self.digest(tools)
        if !anew, let kept = try kept(), kept.digest == digest { return kept.findings }
        let task = Task { try await take(tools, digest) }
        taking = task
        defer { taking = nil }
        return try await task.value
    }

    private func take(_ tools: SandboxTools, _ digest: String) async throws -> [SandboxSelfTest.Finding] {
        // Says which of its needs is missing, where the test itself could only say that it did not start.
        if case .refused(let error) = await SandboxProbe.run(tools: tools) { throw error }
        let mirror = SystemIdentity.isRoot ? ProgramMirror(stateDirectory: places.state) : nil
        let owner = "self-test-\(SystemIdentity.pid)"
        let uid = try await places.claim(for: owner)
        let findings = await SandboxSelfTest.run(
            launcher: SandboxLauncher(tools: tools, mirror: mirror), uid: uid)
        try await places.release(uid, owner: owner)
        if findings.allSatisfy(\.passed) {
            let kept = Kept(digest: digest, findings: findings)
            try Files.writeAtomically(file, text: JSONText.line(encoding: kept), mode: 0o600)
        } else if Files.exists(file) {
            try Files.removeFile(file)
        }
        return findings
    }

    private var file: String { "\(places.state)/self-test.json" }
    private static let fileBytesMax = 1 << 20

    private func kept() throws -> Kept? {
        guard Files.exists(file) else { return nil }
        let bytes = try Files.read(file, bytesMax: Self.fileBytesMax)
        // Not a cause lost: one that another version wrote is no proof.
        return try? JSONDecoder().decode(Kept.self, from: Data(bytes))
    }

    /// The kernel, its switches, the two programs, the filter, and who asks with which limit of core dumps.
    static func digest(_ tools: SandboxTools) throws -> String {
        guard Files.exists(tools.bwrap) else { throw SandboxError.noBwrap(looked: [tools.bwrap]) }
        var hash = SHA256()
        for path in ["/proc/version"] + SandboxProbe.switchFiles + SandboxPlan.procReadOnly {
            hash.update("\(path)\0\(Self.text(of: path))\0")
        }
        for program in [tools.bwrap, tools.sandboxInit] {
            // Read whole, they would cost more than the session that waits. No change leaves the ctime alone.
            let status = try Files.status(of: program)
            hash.update("\(program)\0\(status.st_dev) \(status.st_ino) \(status.st_size)")
            hash.update(" \(status.st_ctim.tv_sec) \(status.st_ctim.tv_nsec)\0")
        }
        hash.update("\(SandboxFilter.program)\0\(SandboxSelfTest.names)\0\(SystemIdentity.effectiveUID)")
        hash.update("\0\(MemoryDumps.hardLimit == 0)")
        return hash.finalizeHex()
    }

    private static func text(of path: String) -> String {
        // Absent, unreadable and a folder are answers too: that changes when the kernel does.
        (try? Files.readText(path, bytesMax: 4 << 10)) ?? "\(Files.exists(path))"
    }
}
