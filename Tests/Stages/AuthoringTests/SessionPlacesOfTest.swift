import Fixtures
import Foundation
import Sandbox

/// Folders of sessions below a test's own.
enum SessionPlacesOfTest {
    /// The repository these tests belong to.
    static let root = #filePath.components(separatedBy: "/Tests/")[0]

    static func places(in folder: TemporaryFolder) -> SessionPlaces {
        SessionPlaces(state: folder.path("server"))
    }
}
