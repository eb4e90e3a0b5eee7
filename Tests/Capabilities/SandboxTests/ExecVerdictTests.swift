import Glibc
import Synchronization
import Testing

@testable import Sandbox

@Suite("The ledger's answer") struct ExecVerdictTests {
    private static let request = ExecRequest(path: "/p", arguments: ["p"], process: 7, parent: 3)

    /// The answer, and what was recorded before it.
    private func verdict(
        on reading: ExecReading, allows: Bool = true, stands: Bool
    ) throws -> (code: Int32?, entries: [ExecEntry]) {
        let entries = Mutex<[ExecEntry]>([])
        let code = try ExecLedger.verdict(
            on: reading, of: 7, { _ in allows }, { entry in entries.withLock { $0.append(entry) } },
            stands: { stands })
        return (code, entries.withLock { $0 })
    }

    @Test("is what was decided, and recorded first")
    func decided() throws {
        let allowed = try verdict(on: .found(Self.request), stands: true)
        #expect((allowed.code, allowed.entries) == (0, [.allowed(Self.request)]))
        let refused = try verdict(on: .found(Self.request), allows: false, stands: true)
        #expect((refused.code, refused.entries) == (EACCES, [.refused(Self.request)]))
    }

    @Test("is no, where it could not be read")
    func unreadable() throws {
        let seen = try verdict(on: .unreadable("held"), stands: true)
        #expect((seen.code, seen.entries) == (EACCES, [.unreadable(process: 7, reason: "held")]))
    }

    @Test("is the kernel's own where that would refuse it, and nothing was executed")
    func failing() throws {
        let seen = try verdict(on: .failing(errno: ENOENT), stands: true)
        #expect((seen.code, seen.entries) == (ENOENT, []))
    }

    @Test(
        "is none to a caller that is gone, and what was read by its number is nobody's entry",
        arguments: [ExecReading.found(request), .unreadable("held")])
    func gone(reading: ExecReading) throws {
        let seen = try verdict(on: reading, stands: false)
        #expect((seen.code, seen.entries) == (nil, []))
    }
}
