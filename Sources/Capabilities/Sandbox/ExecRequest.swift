import Vocabulary

/// A process inside a sandbox is about to execute a program.
package struct ExecRequest: Hashable, Sendable {
    /// The program as the caller named it; for a descriptor, the file behind it.
    package var path: String
    /// The whole argument list, the program's name first. Bytes that are no UTF-8 are written as `\xNN`.
    package var arguments: [String]
    /// The calling process and its parent, as the host numbers them.
    package var process: Int32
    package var parent: Int32
    package init(path: String, arguments: [String], process: Int32, parent: Int32) {
        self.path = path
        self.arguments = arguments
        self.process = process
        self.parent = parent
    }
}

/// What the ledger has seen.
package enum ExecEntry: Hashable, Sendable {
    case allowed(ExecRequest)
    /// Its caller was told EACCES.
    case refused(ExecRequest)
    /// It could not be read, as when something on the host holds its caller, and so was refused.
    case unreadable(process: Int32, reason: String)
}
