import Fixtures
import Git
import Testing

extension TestRepository {
    /// Commits these files on top of what is there.
    func commit(_ files: [String: String]) async throws -> GitID {
        for (name, text) in files { try write(name, text) }
        return try id(try await commit("m"))
    }

    func id(_ hex: String) throws -> GitID { try #require(GitID(hex: hex)) }
}
