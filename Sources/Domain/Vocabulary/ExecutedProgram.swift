/// A program that a process of a session executed or tried to execute, as it is kept: bounded and escaped.
package struct ExecutedProgram: Hashable, Sendable, Codable {
    package static let textBytesMax = 1 << 10
    package static let argumentsMax = 64

    /// As the caller named it.
    package var path: String
    /// The first ``argumentsMax``, the program's name among them, each at most ``textBytesMax`` bytes.
    package var arguments: [String]
    /// How many arguments there were.
    package var argumentCount: Int
    /// The calling process and its parent, as the host numbers them.
    package var process: Int32
    package var parent: Int32

    package init(path: String, arguments: [String], process: Int32, parent: Int32) {
        self.path = VisibleText.oneLine(path, limit: Self.textBytesMax)
        self.arguments = arguments.prefix(Self.argumentsMax).map {
            VisibleText.oneLine($0, limit: Self.textBytesMax)
        }
        argumentCount = arguments.count
        self.process = process
        self.parent = parent
    }

    /// The words of the command line on one line, for people.
    package var line: String {
        let more = argumentCount > arguments.count ? " … (\(argumentCount - arguments.count) more)" : ""
        return (arguments.isEmpty ? [path] : arguments).joined(separator: " ") + more
    }
}
