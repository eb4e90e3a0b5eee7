import Linux
import Vocabulary

/// How long this repository's checkouts take: what decides between checkout and overlay where nothing is
/// configured.
extension RepositoryStore {
    /// A person waits this long for a worktree before an overlay is worth its limits.
    static let patientSeconds = 2.0

    /// What was measured last, by this server or an earlier one; nil: no checkout was made yet.
    var checkoutSeconds: Double? {
        // Not a cause lost: a figure that cannot be read is one that was not measured.
        (try? Files.readText(state.checkoutTime, bytesMax: 64)).flatMap { Double($0) }
    }

    /// Runs a step that writes all files of a commit, and keeps how long it took.
    func measuring<Value>(_ body: () async throws -> Value) async throws -> Value {
        let start = MonotonicClock.nowSeconds()
        let value = try await body()
        try Files.writeAtomically(state.checkoutTime, text: "\(MonotonicClock.nowSeconds() - start)")
        return value
    }
}
