import Glibc

/// A call of the kernel that failed, and what it was asked about.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The `errno` of the call.
    package let code: Int32
    /// The call, as its manual page is named: `open`.
    package let call: String
    /// The path or name the call was about; may be empty.
    package let subject: String

    package init(code: Int32, call: String, subject: String) {
        self.code = code
        self.call = call
        self.subject = subject
    }

    /// Takes the code from `errno`; to be called directly after the call that failed.
    package init(call: String, subject: String) {
        self.init(code: errno, call: call, subject: subject)
    }

    package var description: String {
        let place = subject.isEmpty ? call : "\(call) \(subject)"
        return "\(place): \(Self.text(of: code))"
    }

    /// The text of an `errno`, like "No such file or directory".
    package static func text(of code: Int32) -> String {
        // glibc 2.32 and later keep the text of `strerror` per thread.
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

/// Makes a call again for as long as a signal interrupts it, and turns -1 into an error.
@discardableResult
func retrying<Value: SignedInteger>(
    _ call: String, _ subject: @autoclosure () -> String, _ body: () -> Value
) throws(SystemError) -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        if errno != EINTR { throw SystemError(call: call, subject: subject()) }
    }
}

/// Turns the `-errno` of a shim into an error.
@discardableResult
func checked(_ call: String, _ subject: @autoclosure () -> String, _ value: Int32) throws(SystemError)
    -> Int32
{
    guard value < 0 else { return value }
    throw SystemError(code: -value, call: call, subject: subject())
}

extension SystemError {
    /// The task was cancelled before the call did anything.
    package static func cancelled(_ call: String) -> SystemError {
        SystemError(code: ECANCELED, call: call, subject: "")
    }
    package var isCancellation: Bool { code == ECANCELED }
    package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }
    package var isNotFound: Bool { code == ENOENT }
}
