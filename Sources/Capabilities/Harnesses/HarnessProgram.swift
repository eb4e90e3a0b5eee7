package import Vocabulary

/// A harness that is installed here, found by ``HarnessDetector``.
package struct HarnessProgram: Hashable, Sendable, Codable {
    package var kind: HarnessKind
    /// The real path, symbolic links resolved: what runs inside the sandbox, at the same path as outside.
    package var executable: String
    /// What must be shown read-only for it to run: its own file or package folder, and nothing of the user's
    /// beside it.
    package var readOnlyPaths: [String]
    package init(kind: HarnessKind, executable: String, readOnlyPaths: [String]) {
        self.kind = kind
        self.executable = executable
        self.readOnlyPaths = readOnlyPaths
    }
}
