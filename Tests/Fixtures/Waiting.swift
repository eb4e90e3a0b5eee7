/// Waits for a fact, looking again and again, and leaves the threads that all tests share to the others
/// meanwhile.
///
/// A test that spins instead holds one of as many threads as there are processors, and starves whatever else
/// a test runs on them.
package func wait(until isTrue: () async throws -> Bool) async throws {
    while try await !isTrue() { try await ContinuousClock().sleep(for: .milliseconds(5)) }
}
