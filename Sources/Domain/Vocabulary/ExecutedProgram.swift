/// A program that a process of a session executed or tried to execute, as it is kept: bounded and escaped.
package struct ExecutedProgram: Hashable, Sendable, Codable {
    package static let textBytesMax = 1 << 10
    package static let argumentsMax = 64
    /// What is kept of all arguments together. A build runs thousands of programs, some with very long
    /// command lines, and the record of a session must last for all of them; policies see every byte.
    package static let argumentBytesMax = 2 << 10

    /// As the caller named it.
    package var path: String
    /// The first ``argumentsMax``, the program's name among them, each at most ``textBytesMax`` bytes and all
    /// of them at most ``argumentBytesMax``; a cut is noted where it was made.
    package var arguments: [String]
    /// How many arguments there were.
    package var argumentCount: Int
    /// The bytes of the arguments that are not kept at all; nil: none.
    package var bytesLeftOut: Int?
    /// The calling process and its parent, as the host numbers them.
    package var process: Int32
    package var parent: Int32

    package init(path: String, arguments: [String], process: Int32, parent: Int32) {
        self.path = VisibleText.oneLine(path, limit: Self.textBytesMax)
        var room = Self.argumentBytesMax
        self.arguments = []
        for argument in arguments.prefix(Self.argumentsMax) {
            guard room > 0 else { break }
            let text = VisibleText.oneLine(argument, limit: min(room, Self.textBytesMax))
            self.arguments.append(text)
            room -= text.utf8.count
        }
        argumentCount = arguments.count
        let rest = arguments.dropFirst(self.arguments.count)
        bytesLeftOut = rest.isEmpty ? nil : rest.reduce(0) { $0 + $1.utf8.count }
        self.process = process
        self.parent = parent
    }

    /// The words of the command line on one line, for people.
    package var line: String {
        let left = bytesLeftOut.map { " with \($0) bytes" } ?? ""
        let more =
            argumentCount > arguments.count ? " … (\(argumentCount - arguments.count) more\(left))" : ""
        return (arguments.isEmpty ? [path] : arguments).joined(separator: " ") + more
    }
}
