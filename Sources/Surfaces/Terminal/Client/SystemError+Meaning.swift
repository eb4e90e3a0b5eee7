import Glibc
import Linux

extension SystemError {
    /// ENOENT: never started, or ended in order. ECONNREFUSED: killed, and its socket was left behind.
    var isNoServer: Bool { isNotFound || code == ECONNREFUSED }
    var isNameTooLong: Bool { code == ENAMETOOLONG }
    var isBrokenPipe: Bool { code == EPIPE }
}
