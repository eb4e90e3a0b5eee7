import Fixtures
import Glibc
import Sandbox
import Testing

@Suite("Blocks of ports") struct PortBlocksTests {
    @Test("differ between owners, stay with their owner, and are given back")
    func claims() throws {
        let folder = try TemporaryFolder()
        let blocks = PortBlocks(stateDirectory: folder.path)
        let first = try blocks.claim(3, for: "r/a")
        let second = try blocks.claim(2, for: "r/b")
        #expect(second >= first + 3)
        #expect(try blocks.claim(3, for: "r/a") == first)
        #expect(try PortBlocks(stateDirectory: folder.path).claim(2, for: "r/b") == second)
        #expect(try blocks.owners() == ["r/a", "r/b"])
        try blocks.release(owner: "r/a")
        try blocks.release(owner: "r/a")
        #expect(try blocks.owners() == ["r/b"])
    }

    @Test("pass over a port that somebody on this host listens on")
    func busy() throws {
        let folder = try TemporaryFolder()
        let (listener, port) = try listening()
        defer { close(listener) }
        let blocks = PortBlocks(stateDirectory: folder.path, range: port..<(port + 200))
        #expect(try blocks.claim(1, for: "r/a") > port)
    }

    @Test("are refused when there is none")
    func none() throws {
        let folder = try TemporaryFolder()
        let (listener, port) = try listening()
        defer { close(listener) }
        let blocks = PortBlocks(stateDirectory: folder.path, range: port..<(port + 1))
        #expect(throws: SandboxError.noFreePorts(count: 1)) { try blocks.claim(1, for: "r/a") }
    }

    /// Somebody else's server, on a port that the kernel chose.
    private func listening() throws -> (Int32, Int) {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                #expect(bind(number, raw, length) == 0 && listen(number, 1) == 0)
                #expect(getsockname(number, raw, &length) == 0)
                return pointer.pointee.sin_port.bigEndian
            }
        }
        return (number, Int(port))
    }
}
