import Fixtures
import Foundation
import Git
import Glibc
import Testing

@testable import Worktrees

@Suite("A file of a user's checkout")
struct CheckedOutFileTests {
    @Test("is removed by its bytes, and the file whose name only reads like it stays")
    func byBytes() throws {
        let folder = try TemporaryFolder()
        let path = GitPath(bytes: [0x61, 0xFF])
        let raw = Array("\(folder.path)/".utf8).map { CChar(bitPattern: $0) } + [0x61, -1, 0]
        let number = open(raw, O_WRONLY | O_CREAT, 0o600)
        try #require(number >= 0)
        close(number)
        _ = try folder.write(path.text, "mine\n")
        try CheckedOutFile(root: folder.path, path: path).remove()
        #expect(try folder.read(path.text) == "mine\n")
        #expect(access(raw, F_OK) != 0)
    }
}
