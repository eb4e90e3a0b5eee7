import ChildProcess
import Foundation
import SandboxScene
import Seccomp

/// The program that tries attacks inside, one after the other, and says how each went.
///
/// What attacks can use: `tree`, `outside`, `secret` and the other facts by name; `call(number, …)` and
/// `number['name']` for system calls; `must(…)`, which raises what a call answered; `sh(…)`, which runs a
/// shell script and raises what it said when it fails; `used(more)`, which says that the attack has what it
/// wanted, and takes more until the sandbox is ended or its input closed; `sibling()`, another process and
/// the address of the secret in its memory; `apart(flags)`, which enters new namespaces; `refused(…)`, which
/// ends the attempt.
struct AttackScript {
    let command: [String]

    enum Part: String, CaseIterable { case neighbour, attack }

    /// The line by which an attack says that it has what it wanted.
    static let used = "used"

    init(attacks: [Attack], _ parts: [Part], facts: [String: String]) throws {
        var text = Self.prelude
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
            text += "\(name) = \(try Self.literal(value))\n"
        }
        var numbers: [String: Int] = [:]
        for name in Self.calls { numbers[name] = try SeccompCompiler.number(of: name) }
        text += "number = \(try Self.literal(numbers))\n"
        for (index, attack) in attacks.enumerated() {
            for part in parts {
                text += Self.function(
                    "\(part)_\(index)", part == .attack ? attack.tries : attack.neighbour)
            }
        }
        for (index, attack) in attacks.enumerated() {
            let judged = parts.map { "'\($0)': judge(\($0)_\(index))" }.joined(separator: ", ")
            text += "report[\(try Self.literal(attack.name))] = {\(judged)}\n"
        }
        text += "print(json.dumps(report))\n"
        command = ["/usr/bin/python3", "-I", "-c", text]
    }

    /// What its last line says, by the attacks' names.
    static func answers(in line: String?) throws -> [String: [Part: String]] {
        guard let line else { throw SceneFailure("the attacks said nothing") }
        return try JSONDecoder().decode([String: [String: String]].self, from: Data(line.utf8)).mapValues {
            answers in
            Dictionary(
                uniqueKeysWithValues: Part.allCases.compactMap { part in
                    answers[part.rawValue].map { (part, $0) }
                })
        }
    }

    private static func literal(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func function(_ name: String, _ body: String) -> String {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
        return "def \(name)():\n" + lines.joined(separator: "\n") + "\n"
    }

    /// Made by number, because libc has no name for them or does more than the call.
    private static let calls = [
        "add_key", "chroot", "clone", "clone3", "execveat", "fanotify_init", "fchmodat", "fsopen",
        "get_mempolicy", "io_uring_setup", "ioctl", "kcmp", "keyctl", "linkat", "memfd_create",
        "modify_ldt", "mount", "open", "openat", "openat2", "open_tree", "pidfd_getfd", "pidfd_open",
        "pivot_root", "process_vm_readv", "prlimit64", "process_vm_writev", "ptrace", "seccomp",
        "set_mempolicy", "setns",
        "socket", "sysfs", "umount2", "unshare", "userfaultfd",
    ]

    private static let prelude = #"""
        import ctypes, errno, fcntl, json, mmap, os, resource, select, signal, socket, struct, subprocess, sys
        import time
        libc = ctypes.CDLL(None, use_errno=True)
        libc.syscall.restype = ctypes.c_long
        report = {}
        def call(number, *arguments):
            ctypes.set_errno(0)
            kept = (bytes, ctypes._Pointer, ctypes.Array)
            given = [a if isinstance(a, kept) else ctypes.c_ulong(a) for a in arguments]
            result = libc.syscall(ctypes.c_long(number), *given)
            if result == -1: raise OSError(ctypes.get_errno(), 'system call')
            return result
        class Refused(Exception): pass
        def refused(why): raise Refused(why)
        def sh(script):
            done = subprocess.run(['sh', '-c', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL)
            if done.returncode: refused(done.stderr.decode(errors='replace')[-600:] or 'no word')
            return done.stdout.decode(errors='replace').rstrip('\n')
        def sibling():
            held = ctypes.create_string_buffer(b'sibling secret')
            pid = os.fork()
            if pid == 0:
                libc.prctl(1, 9)
                while True: time.sleep(1000)
            return pid, ctypes.addressof(held)
        def apart(flags):
            call(number['unshare'], flags)
        def used(more):
            print('used', flush=True)
            # A limit that is not kept fails a test, and neither fills the disk nor waits for ever.
            for again in range(2000):
                if select.select([0], [], [], 0.05)[0]: return
                more()
        def judge(body):
            ours, theirs = os.pipe()
            pid = os.fork()
            if pid == 0:
                answer = 'done'
                try:
                    folder = '/tmp/' + body.__name__
                    os.mkdir(folder); os.chdir(folder)
                    body()
                except OSError as error:
                    answer = errno.errorcode.get(error.errno, str(error))
                except Refused as error:
                    answer = str(error)
                except BaseException as error:
                    answer = repr(error)
                try: os.write(theirs, answer[:3000].encode() + b'\0')
                finally: os._exit(0)
            os.close(theirs)
            text = b''
            # A process that was left behind may hold the other end: what counts is the word, not the end.
            while not text.endswith(b'\0'):
                piece = os.read(ours, 4096)
                if not piece: break
                text += piece
            os.close(ours)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            return text[:-1].decode() if text else 'ended with %d' % status

        """#
}
