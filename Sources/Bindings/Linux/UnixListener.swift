import CLinux
import Glibc

/// Listens on a unix socket at a path, and removes the path when it is closed.
package final class UnixListener: Sendable {
    /// The process at the other end of a connection, as the kernel vouches for it.
    package struct Peer: Hashable, Sendable {
        package let pid: Int32
        package let uid: UInt32
        package let gid: UInt32
    }

    package let path: String
    private let descriptor: Descriptor
    private let inode: ino_t

    /// Binds the path. A socket left there by a process that is gone is replaced; one that answers is not
    /// (`EADDRINUSE`), and neither is a file of any other kind.
    package init(path: String, mode: UInt32 = 0o600, backlog: Int32 = 128) throws(SystemError) {
        var code = CLinux_unix_listen(path, mode, backlog)
        if code == -EADDRINUSE, try Self.isStale(path) {
            try retrying("unlink", path) { unlink(path) }
            code = CLinux_unix_listen(path, mode, backlog)
        }
        descriptor = Descriptor(owning: try checked("bind", path, code))
        self.path = path
        inode = try Files.status(of: path).st_ino
    }

    deinit { close() }

    /// The next connection. `EMFILE` means that this process has no descriptor left: whoever accepts must
    /// then wait for one before it asks again. Throws `EBADF` once the listener is closed and `ECANCELED`
    /// when the task is cancelled.
    package func accept() async throws(SystemError) -> Descriptor {
        while true {
            let code = try descriptor.withRawValue("accept") { CLinux_unix_accept($0) }
            switch -code {
            case EAGAIN:
                switch await ReadinessMonitor.shared.wait(for: .readable, on: descriptor) {
                case .ready: continue
                case .closed: throw SystemError(code: EBADF, call: "accept", subject: path)
                case .cancelled: throw SystemError.cancelled("accept")
                }
            case EINTR, ECONNABORTED: continue
            default: return Descriptor(owning: try checked("accept", path, code))
            }
        }
    }

    /// Stops listening and removes the path, if it is still this listener's.
    package func close() {
        guard descriptor.rawValue >= 0 else { return }
        var status = stat()
        if lstat(path, &status) == 0, status.st_ino == inode { unlink(path) }
        descriptor.close()
    }

    package static func peerCredentials(of connection: Descriptor) throws(SystemError) -> Peer {
        try connection.withRawValue("getsockopt") { number throws(SystemError) in
            var pid: Int32 = 0
            var uid: UInt32 = 0
            var gid: UInt32 = 0
            try checked("SO_PEERCRED", "", CLinux_peer_credentials(number, &pid, &uid, &gid))
            return Peer(pid: pid, uid: uid, gid: gid)
        }
    }

    private static func isStale(_ path: String) throws(SystemError) -> Bool {
        guard try Files.status(of: path).st_mode & S_IFMT == S_IFSOCK else { return false }
        let code = CLinux_unix_connect(path)
        if code >= 0 { _ = Glibc.close(code) }
        return code == -ECONNREFUSED
    }
}

/// Connects to unix sockets.
package enum UnixSocket {
    /// Connects to the socket at a path (`ENAMETOOLONG` above 107 bytes). Waits at most five seconds, and
    /// only when the listener's queue is full.
    package static func connect(path: String) throws(SystemError) -> Descriptor {
        Descriptor(owning: try checked("connect", path, CLinux_unix_connect(path)))
    }
}
