import ChildProcess
import Fixtures
import Linux
import Testing

@Suite("What tests stand on")
struct FixtureTests {
    @Test("a folder is gone with everything in it after the test, also when the test throws")
    func folder() async throws {
        struct Sudden: Error {}
        var path = ""
        await #expect(throws: Sudden.self) {
            try await withTemporaryFolder { folder in
                path = folder.path
                try folder.write("a/b", "x")
                throw Sudden()
            }
        }
        #expect(path != "" && !Files.exists(path))
    }

    @Test("a repository is a real one, and nobody's configuration reaches it")
    func repository() async throws {
        let repository = try await TestRepository(files: ["a.txt": "one\n", "dir/b.txt": "two\n"])
        #expect(try await repository.status() == [])
        try repository.write("a.txt", "changed\n")
        try repository.write("new.txt", "new\n")
        #expect(try await repository.status() == [" M a.txt", "?? new.txt"])
        let commit = try await repository.commit("second")
        #expect(try await repository.revParse("main") == commit)
        #expect(try await repository.show("main", "a.txt") == "changed\n")
        #expect(try await repository.subjects() == ["second", "begin"])
        let author = try await repository.git("log", "-1", "--format=%an <%ae> %ct")
        #expect(author == "Test Person <person@example.invalid> 1767323045")
        await #expect(throws: GitFailure.self) { try await repository.git("no-such-command") }
    }

    @Test("the same files make the same commit, everywhere and at any time")
    func reproducible() async throws {
        let first = try await TestRepository(files: ["a": "1"]).revParse("HEAD")
        let second = try await TestRepository(files: ["a": "1"]).revParse("HEAD")
        #expect(first == second)
    }

    @Test("built programs are found beside the tests")
    func products() throws {
        #expect(Files.isExecutable(try builtProduct(named: "graftwork")))
        #expect(throws: SystemError.self) { try builtProduct(named: "no-such-program") }
    }
}
