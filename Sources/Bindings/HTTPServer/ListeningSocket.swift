import Glibc

/// Makes the sockets a listener accepts on.
enum ListeningSocket {
    static let backlog: Int32 = 128

    /// A TCP socket on 127.0.0.1; port 0 lets the kernel choose. Returns the port it got.
    static func loopback(port: UInt16) throws(HTTPServerError) -> (socket: Int32, port: UInt16) {
        let name = "127.0.0.1:\(port)"
        let number = try open(AF_INET, name: name)
        var on: Int32 = 1
        _ = setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int32 in
                guard bind(number, pointer, length) == 0 else { return errno }
                guard getsockname(number, pointer, &length) == 0 else { return errno }
                return 0
            }
        }
        try check(bound, "bind", number, name)
        try check(listen(number, backlog) == 0 ? 0 : errno, "listen", number, name)
        return (number, UInt16(bigEndian: address.sin_port))
    }

    /// A unix socket with mode 0600, given to `owner` where we may.
    ///
    /// Order matters: nobody can connect before `listen`, so mode and owner are right before the first
    /// client. A socket left behind at the path is replaced; anything else there is an error.
    static func unix(path: String, owner: UInt32?) throws(HTTPServerError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard !bytes.isEmpty, bytes.count <= room, !bytes.contains(0) else {
            throw HTTPServerError(
                "a unix socket path must have 1 to \(room) bytes, this has \(bytes.count)", address: path)
        }
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw HTTPServerError("something that is no socket is already there", address: path)
            }
            unlink(path)
        }
        let number = try open(AF_UNIX, name: path)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> Int32 in
                bind(number, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
            }
        }
        try check(bound, "bind", number, path)
        do {
            try check(chmod(path, 0o600) == 0 ? 0 : errno, "chmod", number, path)
            if let owner, owner != geteuid() {
                try check(
                    lchown(path, owner, gid_t.max) == 0 ? 0 : errno, "chown to uid \(owner)", number, path)
            }
            try check(listen(number, backlog) == 0 ? 0 : errno, "listen", number, path)
        } catch {
            unlink(path)
            throw error
        }
        return number
    }

    private static func open(_ family: Int32, name: String) throws(HTTPServerError) -> Int32 {
        let number = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw HTTPServerError("socket", address: name, code: errno) }
        return number
    }

    private static func check(_ code: Int32, _ step: String, _ number: Int32, _ name: String)
        throws(HTTPServerError)
    {
        guard code != 0 else { return }
        close(number)
        throw HTTPServerError(step, address: name, code: code)
    }
}
