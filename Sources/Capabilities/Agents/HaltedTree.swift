import Linux
import Synchronization

/// The processes of one sandbox, which a person may make stand still.
///
/// Its launcher, outside, goes on: it is the one that sees the sandbox end, and passes signals into it.
final class HaltedTree: Sendable {
    private let launcher: Int32
    private let halted = Mutex<[ProcessTree.Member]>([])

    init(below launcher: Int32) { self.launcher = launcher }

    func halt() async throws(HaltFailure) {
        let launcher = launcher
        let members = try await Self.telling { () throws(SystemError) in
            try ProcessTree.halt(below: launcher)
        }
        halted.withLock { $0 += members }
    }

    func release() async throws(HaltFailure) {
        let members = halted.withLock { halted in
            defer { halted = [] }
            return halted
        }
        try await Self.telling { () throws(SystemError) in try ProcessTree.release(members) }
    }

    private static func telling<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SystemError) -> Value
    ) async throws(HaltFailure) -> Value {
        do throws(SystemError) {
            return try await runBlocking(body)
        } catch {
            throw HaltFailure(error.description)
        }
    }
}
