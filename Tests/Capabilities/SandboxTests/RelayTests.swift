import ChildProcess
import Fixtures
import Linux
import SandboxScene
import Testing

@Suite("The relay", .enabled(if: Requirement.has("bwrap"), "needs the program bwrap"))
struct RelayTests {
    /// What a Python script inside prints, with a gateway that gives everything back. `connect()` is a
    /// connection to it.
    private func seen(_ script: String) async throws -> String {
        let folder = try TemporaryFolder(reachable: true)
        let gateway = try EchoGateway(
            at: folder.path("gateway.sock"), uid: SystemIdentity.effectiveUID)
        let prelude = """
            import select, socket, threading
            def connect(): return socket.create_connection(('127.0.0.1', 17300))
            def rest(connection):
                pieces = []
                while piece := connection.recv(1 << 16): pieces.append(piece)
                return b''.join(pieces)

            """
        let output = try await FirstProcess.run(
            ["/usr/bin/python3", "-I", "-c", prelude + script],
            with: ["--relay", "17300", gateway.path])
        return output.stdoutText + output.stderrText
    }

    @Test("carries every byte both ways, and the end of each way by itself")
    func bothWays() async throws {
        #expect(
            try await seen(
                """
                sent = bytes(range(256)) * 16384
                one = connect()
                def send():
                    one.sendall(sent)
                    one.shutdown(socket.SHUT_WR)
                threading.Thread(target=send).start()
                print(rest(one) == sent)
                """) == "True\n")
    }

    @Test("holds little for a reader that does not read, and loses nothing of it")
    func slowReader() async throws {
        #expect(
            try await seen(
                """
                one, count, bound = connect(), 0, 256 << 20
                one.setblocking(False)
                # A relay that kept everything would take all of it.
                while count < bound and select.select([], [one], [], 0.5)[1]:
                    try: count += one.send(b'x' * (1 << 20))
                    except BlockingIOError: pass
                print(count < bound)
                one.setblocking(True)
                one.shutdown(socket.SHUT_WR)
                print(len(rest(one)) == count)
                """) == "True\nTrue\n")
    }

    @Test("serves others while one connection stands still")
    func independent() async throws {
        #expect(
            try await seen(
                """
                still = connect()
                still.setblocking(False)
                while select.select([], [still], [], 0.2)[1]:
                    try: still.send(b'x' * (1 << 20))
                    except BlockingIOError: pass
                for turn in range(20):
                    one = connect()
                    one.sendall(b'turn %d' % turn)
                    one.shutdown(socket.SHUT_WR)
                    assert rest(one) == b'turn %d' % turn
                print('served')
                """) == "served\n")
    }

    @Test("is of a process group of its own, which no interrupt of the command's reaches")
    func apart() async throws {
        #expect(
            try await seen(
                """
                import os
                mine, theirs = os.getpgrp(), []
                for process in filter(str.isdigit, os.listdir('/proc')):
                    if process != '1' and open('/proc/%s/comm' % process).read() == 'sandbox-init\\n':
                        theirs.append(os.getpgid(int(process)) == int(process))
                print(mine == os.getpid(), theirs)
                """) == "True [True]\n")
    }
}
