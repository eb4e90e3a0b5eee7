import ChildProcess
import Fixtures
import Foundation
import Linux
import SandboxScene

/// What a machine has running while an agent works on it: servers on its loopback, sockets without a file,
/// shared memory, another program of the same user, and a repository that can be pushed to.
struct HostServices: Sendable {
    /// Ports, names and keys, as the services told them.
    let facts: [String: String]
    private let child: RunningChild

    /// A program that runs on the host under the sandbox's uid.
    var victim: Int32 { facts["victim"].flatMap { Int32($0) } ?? 0 }

    init(in folder: TemporaryFolder, uid: UInt32, isRoot: Bool) async throws {
        let script = try folder.write("services/run.py", Self.script)
        child = try Child.spawn(
            ChildCommand(
                ["/usr/bin/python3", "-I", script, folder.path, String(uid), isRoot ? "root" : "own"],
                environment: TestRepository.environment),
            stdin: .pipe, stdout: .pipe, stderr: .inherited)
        guard let stdout = child.stdout,
            let line = try await LineStream(reading: stdout, lineBytesMax: 1 << 16).next()
        else { throw SceneFailure("the host's services did not start") }
        facts = try JSONDecoder().decode([String: String].self, from: Data(line.text.utf8))
    }

    /// They end when their input does, and take what they made with them.
    func end() async {
        child.stdin?.close()
        _ = await child.wait()
    }

    private static let script = #"""
        import ctypes, json, os, random, socket, socketserver, subprocess, sys, threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        folder, uid, as_root = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'root'
        libc = ctypes.CDLL(None, use_errno=True)
        facts = {}
        remote = folder + '/remote.git'
        git = ['git', '-c', 'safe.directory=*']
        subprocess.run(git + ['init', '--quiet', '--bare', remote], check=True)
        subprocess.run(git + ['--git-dir', remote, 'config', 'http.receivepack', 'true'], check=True)
        trusting = dict(os.environ, GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0='safe.directory',
            GIT_CONFIG_VALUE_0='*')

        tcp = socket.create_server(('127.0.0.1', 0)); facts['tcp'] = tcp.getsockname()[1]
        try:
            tcp6 = socket.create_server(('::1', 0), family=socket.AF_INET6)
            facts['tcp6'] = tcp6.getsockname()[1]
        except OSError:
            facts['tcp6'] = 0
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 0))
        facts['udp'] = udp.getsockname()[1]
        def answer():
            while True:
                question, who = udp.recvfrom(2000)
                udp.sendto(b'answer to ' + question, who)
        threading.Thread(target=answer, daemon=True).start()
        facts['abstract'] = 'graftwork-test-%x' % random.getrandbits(64)
        abstract = socket.socket(socket.AF_UNIX); abstract.bind('\0' + facts['abstract']); abstract.listen()
        facts['datagrams'] = facts['abstract'] + '-datagrams'
        datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        datagrams.bind('\0' + facts['datagrams'])
        other = socket.socket(socket.AF_UNIX); other.bind(folder + '/other.sock'); other.listen()
        os.chmod(folder + '/other.sock', 0o777)

        class GitProtocol(socketserver.BaseRequestHandler):
            def handle(self):
                subprocess.run(['git', 'daemon', '--inetd', '--export-all', '--enable=receive-pack',
                    '--base-path=' + folder, folder], stdin=self.request, stdout=self.request,
                    stderr=subprocess.DEVNULL, env=trusting)
        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
        daemon = Server(('127.0.0.1', 0), GitProtocol); facts['git_port'] = daemon.server_address[1]

        class GitOverHTTP(BaseHTTPRequestHandler):
            def log_message(self, *words): pass
            def do_GET(self):
                path, _, query = self.path.partition('?')
                length = int(self.headers.get('Content-Length') or 0)
                variables = dict(trusting, GIT_PROJECT_ROOT=folder, GIT_HTTP_EXPORT_ALL='1',
                    REMOTE_USER='someone', PATH_INFO=path, QUERY_STRING=query, REQUEST_METHOD=self.command,
                    CONTENT_TYPE=self.headers.get('Content-Type') or '', CONTENT_LENGTH=str(length))
                said = subprocess.run(['git', 'http-backend'], input=self.rfile.read(length),
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables).stdout
                head, _, body = said.partition(b'\r\n\r\n')
                fields = dict(line.split(': ', 1) for line in head.decode().split('\r\n') if ': ' in line)
                self.send_response(int(fields.pop('Status', '200').split()[0]))
                for name, value in fields.items(): self.send_header(name, value)
                self.end_headers(); self.wfile.write(body)
            do_POST = do_GET
        web = ThreadingHTTPServer(('127.0.0.1', 0), GitOverHTTP); facts['http_port'] = web.server_address[1]
        for server in (daemon, web): threading.Thread(target=server.serve_forever, daemon=True).start()

        key = random.randrange(1 << 20, 1 << 30)
        segment = libc.shmget(key, 4096, 0o1666); facts['shared_memory'] = key
        named = '/dev/shm/graftwork-test-%x' % random.getrandbits(64)
        with open(named, 'w') as file: file.write('shared')
        os.chmod(named, 0o644); facts['shared_file'] = named
        become = ['setpriv', '--reuid=%d' % uid, '--regid=%d' % uid, '--clear-groups'] if as_root else []
        victim = subprocess.Popen(become + ['sleep', '1000000'], stdout=subprocess.DEVNULL)
        # It is what it is to be once it has become another program under the other uid.
        while open('/proc/%d/cmdline' % victim.pid).read(6) != 'sleep\0': pass
        facts['victim'] = victim.pid
        print(json.dumps({name: str(value) for name, value in facts.items()}), flush=True)
        sys.stdin.read()
        victim.kill(); victim.wait(); libc.shmctl(segment, 0, None); os.unlink(named)
        os._exit(0)
        """#
}
