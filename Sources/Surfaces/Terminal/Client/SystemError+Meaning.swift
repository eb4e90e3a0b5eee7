import Glibc
package import Linux

extension SystemError {
    var isRefused: Bool { code == ECONNREFUSED }
    var isNameTooLong: Bool { code == ENAMETOOLONG }
    var isBrokenPipe: Bool { code == EPIPE }
}
