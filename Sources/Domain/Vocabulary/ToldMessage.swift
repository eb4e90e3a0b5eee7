/// What a person says to an agent at work, and the files that came with it.
package struct ToldMessage: Hashable, Sendable, Codable {
    /// A longer text belongs in a file.
    package static let textBytesMax = 16 << 10
    package static let filesMax = 16
    /// One file; longer ones are for a commit or a download.
    package static let fileBytesMax = 8 << 20

    /// A file as it lies in the session's home.
    package struct File: Hashable, Sendable, Codable {
        /// Where it is, as seen inside.
        package var path: String
        package var bytes: Int
        package init(path: String, bytes: Int) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// Counts the session's messages from 1.
    package var number: Int
    /// 32 hexadecimal digits that no message of any session has had.
    package var id: String
    package var text: String
    package var files: [File]
    package var by: String
    package init(number: Int, id: String, text: String, files: [File], by: String) {
        self.number = number
        self.id = id
        self.text = text
        self.files = files
        self.by = by
    }

    /// The message as the agent reads it.
    package var prompt: String {
        guard !files.isEmpty else { return text }
        let list = files.map { "- \($0.path) (\($0.bytes) bytes)" }.joined(separator: "\n")
        return "\(text)\n\nFiles that came with this message:\n\(list)"
    }
}
