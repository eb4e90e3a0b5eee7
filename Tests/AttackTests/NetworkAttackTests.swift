import ChildProcess
import Fixtures
import Glibc
import Linux
import Sandbox
import SandboxScene
import Testing

@Suite("An agent that attacks the network", bwrapIsHere)
struct NetworkAttackTests {
    @Test(
        "cannot reach a server on the host's loopback, and reaches its own",
        arguments: SandboxScene.Mode.available)
    func loopback(mode: SandboxScene.Mode) async throws {
        let server = try HostListener.loopback()
        let seen = try await SandboxScene(mode).python(
            """
            print(attempt(lambda: socket.create_connection(('127.0.0.1', \(server.port)), 5)))
            own = socket.create_server(('127.0.0.1', 0))
            print(attempt(lambda: socket.create_connection(own.getsockname(), 5)))
            """)
        #expect(seen == "ECONNREFUSED\ndone")
    }

    @Test("cannot reach any other machine", arguments: SandboxScene.Mode.available)
    func route(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            print(attempt(lambda: socket.create_connection(('192.0.2.1', 443), 5)))
            print(attempt(lambda: socket.create_connection(('169.254.169.254', 80), 5)))
            print(attempt(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('2001:db8::1', \
            53))))
            print([name for _, name in socket.if_nameindex()])
            """)
        #expect(seen == "ENETUNREACH\nENETUNREACH\nENETUNREACH\n['lo']")
    }

    @Test(
        "cannot reach an abstract socket of the host, and reaches its own",
        arguments: SandboxScene.Mode.available)
    func abstractSocket(mode: SandboxScene.Mode) async throws {
        let name = "graftwork-test-" + RandomBytes.hex(count: 6)
        let server = try HostListener.abstract(name)
        let seen = try await SandboxScene(mode).python(
            """
            def reach(name):
                socket.socket(socket.AF_UNIX).connect('\\0' + name)
            print(attempt(lambda: reach('\(name)')))
            own = socket.socket(socket.AF_UNIX); own.bind('\\0own'); own.listen()
            print(attempt(lambda: reach('own')))
            """)
        withExtendedLifetime(server) {}
        #expect(seen == "ECONNREFUSED\ndone")
    }

    @Test("gets no socket of a family that leaves the sandbox", arguments: SandboxScene.Mode.available)
    func families(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            def family(number, kind=1, protocol=0):
                return attempt(lambda: socket.socket(number, kind, protocol))
            refused = [f for f in range(0, 60) if family(f, 3 if f == 16 else 1, \
            1 if f == 16 else 0) == 'EPERM']
            print([f for f in range(0, 60) if f not in refused])
            print(family(40), family(17, 3, 0x0300), family(38, 5))
            # The upper half of the register is not read by the kernel and must not fool the filter.
            print(call(\(try number("socket")), (1 << 32) | 40, 1, 0), call(\(try number("socketpair")), 30, \
            1, 0, b'12345678'))
            print([family(socket.AF_NETLINK, 3, p) for p in (0, 4, 12, 15, 16)])
            print(family(1), family(2), family(2, 2), family(10), attempt(socket.socketpair))
            """)
        #expect(
            seen == """
                [1, 2, 10]
                EPERM EPERM EPERM
                EPERM EPERM
                ['done', 'EPERM', 'EPERM', 'EPERM', 'EPERM']
                done done done done done
                """)
    }

    @Test("gets no raw socket", arguments: SandboxScene.Mode.available)
    func rawSocket(mode: SandboxScene.Mode) async throws {
        let seen = try await SandboxScene(mode).python(
            """
            print(attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
                attempt(lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)),
                attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
            """)
        #expect(seen == "EPERM EPERM done")
    }

    @Test(
        "reaches the gateway through the relay and can neither remove nor replace its socket",
        arguments: SandboxScene.Mode.available)
    func gateway(mode: SandboxScene.Mode) async throws {
        let scene = try SandboxScene(mode)
        let gateway = try EchoGateway(at: scene.folder.path("gateway.sock"), uid: scene.uid)
        let seen = try await scene.python(
            """
            for action in (lambda: os.unlink('/run/egress.sock'),
                    lambda: os.rename('/run/egress.sock', '/run/other'),
                    lambda: os.rename('/tmp', '/run/egress.sock'),
                    lambda: os.chmod('/run/egress.sock', 0o777)):
                print(attempt(action))
            def ask(text):
                with socket.create_connection(('127.0.0.1', \(SandboxLauncher.relayPort)), 600) as connection:
                    connection.sendall(text); connection.shutdown(socket.SHUT_WR)
                    answer = b''
                    while True:
                        piece = connection.recv(65536)
                        if not piece: return answer
                        answer += piece
            print(ask(b'hello'))
            large = os.urandom(3 << 20)
            print(ask(large) == large)
            """
        ) { $0.gatewaySocket = gateway.path }
        #expect(seen == "EROFS\nEROFS\nEROFS\nEROFS\nb'hello'\nTrue" || seen.hasSuffix("b'hello'\nTrue"))
        #expect(!seen.contains("done"))
    }
}

/// A listening socket of the host, for agents not to reach.
struct HostListener: ~Copyable {
    let descriptor: Descriptor
    let port: UInt16

    static func loopback() throws -> HostListener {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = Descriptor(owning: number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, length) == 0 && listen(number, 8) == 0
                    && getsockname(number, $0, &length) == 0
            }
        }
        guard code else { throw SystemError(call: "listen", subject: "127.0.0.1") }
        return HostListener(descriptor: descriptor, port: UInt16(bigEndian: address.sin_port))
    }

    static func abstract(_ name: String) throws -> HostListener {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = Descriptor(owning: number)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.dropFirst().copyBytes(from: Array(name.utf8)) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, length) == 0 && listen(number, 8) == 0
            }
        }
        guard code else { throw SystemError(call: "listen", subject: name) }
        return HostListener(descriptor: descriptor, port: 0)
    }
}
