import Fixtures
import Linux
import Sandbox
import Testing

@Suite("The places of sessions", .timeLimit(.minutes(10))) struct SessionPlacesTests {
    @Test("are waited for by many at once, and nobody else waits with them") func manyWait() async throws {
        let folder = try TemporaryFolder()
        let places = SessionPlaces(state: folder.path)
        try Files.makeDirectory(folder.path("ports"))
        let lock = try #require(try FileLock.tryAcquire(path: folder.path("ports/lock")))
        // More than there are threads for all tasks together.
        let owners = (0..<32).map { "o\($0)" }
        let claims = owners.map { owner in Task { try await places.claimPorts(1, for: owner) } }
        let releases = owners.map { owner in Task { try await places.release(nil, owner: "x\(owner)") } }
        // This one comes after all of them, and gets its turn while they wait.
        await Task {}.value
        lock.close()
        var ports: Set<Int?> = []
        for claim in claims { ports.insert(try await claim.value) }
        for release in releases { try await release.value }
        #expect(ports.count == owners.count && !ports.contains(nil))
    }

    @Test("of which the folder is gone are tidied all the same") func tidiedTwice() async throws {
        let places = SessionPlaces(state: try TemporaryFolder().path)
        try await places.tidyFolder("r1-gone")
    }
}
