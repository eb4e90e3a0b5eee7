import Vocabulary

/// A tool as a request offers it.
struct OfferedTool: Hashable {
    enum Kind: Hashable {
        /// Takes a JSON object.
        case function
        /// Takes one text.
        case custom
    }
    let name: String
    let kind: Kind
    let schema: JSONValue?
}

/// What a request to a model says, whichever dialect it says it in.
struct Dialogue {
    /// A text of the user and how many tool results came after it.
    struct UserText: Hashable {
        let text: String
        fileprivate let resultsBefore: Int
    }

    var model = ""
    var isStreamed = false
    var tools: [OfferedTool] = []
    private(set) var userTexts: [UserText] = []
    private(set) var workingDirectory: String?
    private var results = 0

    mutating func add(userText text: String) {
        noteWorkingDirectory(in: text)
        if !text.isEmpty { userTexts.append(UserText(text: text, resultsBefore: results)) }
    }

    mutating func addResults(_ count: Int) { results += count }

    func results(after text: UserText) -> Int { results - text.resultsBefore }

    func tool(_ name: String) -> OfferedTool? { tools.first { $0.name == name } }

    /// Harnesses tell the model where it works; tools that want absolute paths get theirs from it.
    mutating func noteWorkingDirectory(in text: String) {
        let marks = ["Primary working directory:", "Working directory:", "working directory:", "<cwd>"]
        for line in text.split(separator: "\n") {
            for mark in marks {
                guard let found = line.firstRange(of: mark) else { continue }
                let path = line[found.upperBound...].drop { $0 == " " || $0 == "`" }.prefix {
                    $0 != "<" && $0 != "`" && $0 != "\"" && $0 != "\r"
                }
                if path.hasPrefix("/") {
                    workingDirectory = String(
                        path.reversed().drop { $0 == " " || $0 == "." || $0 == "," }.reversed())
                }
            }
        }
    }
}
