import Glibc

/// Why a listener could not be started.
package struct HTTPServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call or check that failed.
    package let step: String
    /// Where it was to listen.
    package let address: String
    /// 0 when no system call failed.
    package let code: Int32

    init(_ step: String, address: String, code: Int32 = 0) {
        self.step = step
        self.address = address
        self.code = code
    }

    package var description: String {
        let cause = code == 0 ? "" : ": \(String(cString: strerror(code)))"
        return "cannot listen on \(address): \(step)\(cause)"
    }
}
