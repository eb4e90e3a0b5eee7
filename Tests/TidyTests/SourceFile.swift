import Foundation

/// A text of the repository and where it lies.
///
/// The rules ask for the few lines that hold a word, and only those become strings: to make one of every line
/// of the house, for every rule, took most of a minute.
struct SourceFile {
    /// From the root of the repository: `Sources/Domain/Policies/Policy.swift`.
    let path: String
    private let bytes: Data
    /// Where each line begins, and at last where one behind the end would.
    private let starts: [Int]

    init(path: String, text: String) { self.init(path: path, bytes: Data(text.utf8)) }

    init(path: String, bytes: Data) {
        self.path = path
        self.bytes = bytes
        starts = [0] + Self.places(of: "\n", in: bytes).map { $0 + 1 } + [bytes.count + 1]
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var name: String { String(path.split(separator: "/").last ?? "") }
    private var folders: [Substring] { path.split(separator: "/") }
    var isSource: Bool { folders.first == "Sources" }
    /// The floor it lies on, when it is a source.
    var floor: Floor? { isSource && folders.count > 2 ? Floor(rawValue: String(folders[1])) : nil }
    /// The module it belongs to, when it is a source.
    var module: String? { isSource && folders.count > 3 ? String(folders[2]) : nil }

    /// How often a line ends.
    var lineEnds: Int { starts.count - 2 }

    /// The lines of more bytes than this, with their numbers.
    func lines(longerThan limit: Int) -> [(number: Int, text: String)] {
        starts.indices.dropLast().filter { starts[$0 + 1] - starts[$0] - 1 > limit }.map {
            ($0 + 1, line($0 + 1))
        }
    }

    /// The line of this number and at most so many above it.
    func line(_ number: Int, andAbove count: Int) -> [String] {
        (max(1, number - count)...number).map { line($0) }
    }

    /// The lines that hold one of these words, with their numbers.
    func lines(holding words: [String]) -> [(number: Int, text: String)] {
        var numbers: Set<Int> = []
        for word in words {
            var number = 0
            for place in Self.places(of: word, in: bytes) {
                // Places come in their order, and so do lines.
                while starts[number] <= place { number += 1 }
                numbers.insert(number)
            }
        }
        return numbers.sorted().map { ($0, line($0)) }
    }

    /// The same without what stands in comments.
    func code(holding words: [String]) -> [(number: Int, text: Substring)] {
        lines(holding: words).map { ($0.number, Self.withoutComment($0.text)) }
    }

    private func line(_ number: Int) -> String {
        String(decoding: bytes[starts[number - 1]..<starts[number] - 1], as: UTF8.self)
    }

    private static func places(of word: String, in bytes: Data) -> [Int] {
        let sought = Data(word.utf8)
        var (found, from): ([Int], Int) = ([], 0)
        while let hit = bytes.range(of: sought, in: from..<bytes.count) {
            found.append(hit.lowerBound)
            from = hit.lowerBound + 1
        }
        return found
    }

    /// A comment begins at the start of the line or after a space; "https://" in a text begins none.
    private static func withoutComment(_ line: String) -> Substring {
        var previous: UInt8 = 0x20
        let bytes = line.utf8
        for index in bytes.indices {
            if previous == 0x20, bytes[index...].starts(with: [0x2F, 0x2F]) { return line[..<index] }
            previous = bytes[index]
        }
        return line[...]
    }

    func violation(_ line: Int, _ what: String) -> Violation {
        Violation(place: "\(path):\(line)", what: what)
    }
}

/// A line that breaks a rule of the house.
struct Violation: Hashable, CustomStringConvertible {
    let place: String
    let what: String
    var description: String { "\(place): \(what)" }
}

/// The repository these tests were built from.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Read once: every rule looks at all of them.
    static let everything = Result { try files() }

    /// Every Swift and C text below `Sources` and `Tests`, and the manifest, sorted by path.
    private static func files() throws -> [SourceFile] {
        let paths = try ["Sources", "Tests"].flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
                .map { "\(folder)/\($0)" }
        }
        return try (paths + ["Package.swift"]).filter { path in
            [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
        }.sorted().map { path in
            SourceFile(path: path, bytes: try Data(contentsOf: root.appending(path: path)))
        }
    }

    /// The floor of every module.
    static func modules() throws -> [String: Floor] {
        var result: [String: Floor] = [:]
        for floor in Floor.allCases {
            let folder = root.appending(path: "Sources/\(floor.rawValue)").path
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) { result[name] = floor }
        }
        return result
    }
}
