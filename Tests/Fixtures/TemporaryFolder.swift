import Linux

/// A folder of its own for one test, removed with everything in it when the test lets go of it.
package final class TemporaryFolder: Sendable {
    /// Absolute and without links.
    package let path: String

    /// `reachable`: ordinary users may enter it, for tests that hand a child another identity.
    package init(reachable: Bool = false) throws {
        let root = SystemIdentity.environment["TMPDIR"] ?? "/tmp"
        path = "\(try Files.realPath(root))/graftwork-test-\(RandomBytes.hex(count: 6))"
        try Files.makeDirectory(path, mode: 0o700)
        if reachable { try Files.changeMode(path, 0o755) }
    }

    deinit { remove() }

    /// The absolute path of something in the folder.
    package func path(_ relative: String) -> String { "\(path)/\(relative)" }

    /// Writes a file, with the folders above it.
    @discardableResult
    package func write(_ relative: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
        let target = path(relative)
        try Files.makeDirectory(Files.parent(of: target), mode: 0o755)
        try Files.writeAtomically(target, text: text, mode: mode)
        return target
    }

    package func read(_ relative: String) throws -> String {
        try Files.readText(path(relative), bytesMax: 64 << 20)
    }

    private func remove() {
        do throws(SystemError) {
            try Files.removeTree(path)
        } catch {
            // A test that leaves something behind must not pass unseen.
            preconditionFailure("the test's folder \(path) cannot be removed: \(error)")
        }
    }
}

/// Runs a test in a folder that is gone afterwards, whatever happens.
package func withTemporaryFolder<Value>(
    reachable: Bool = false, _ body: (TemporaryFolder) async throws -> Value
) async throws -> Value {
    let folder = try TemporaryFolder(reachable: reachable)
    defer { withExtendedLifetime(folder) {} }
    return try await body(folder)
}
