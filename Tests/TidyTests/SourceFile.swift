import Foundation

/// A text of the repository and where it lies.
struct SourceFile {
    /// From the root of the repository: `Sources/Domain/Policies/Policy.swift`.
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var name: String { String(path.split(separator: "/").last ?? "") }
    private var folders: [Substring] { path.split(separator: "/") }
    var isSource: Bool { folders.first == "Sources" }
    /// The floor it lies on, when it is a source.
    var floor: Floor? { isSource && folders.count > 2 ? Floor(rawValue: String(folders[1])) : nil }
    /// The module it belongs to, when it is a source.
    var module: String? { isSource && folders.count > 3 ? String(folders[2]) : nil }

    /// The lines with their numbers, without what stands in comments.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().map { index, line in
            let text = line.firstRange(of: /(^|\s)\/\/.*/).map { line[..<$0.lowerBound] } ?? line
            return (index + 1, text)
        }
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

    /// Every Swift and C text below `Sources` and `Tests`, and the manifest, sorted by path.
    static func files() throws -> [SourceFile] {
        let paths = try ["Sources", "Tests"].flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
                .map { "\(folder)/\($0)" }
        }
        return try (paths + ["Package.swift"]).filter { path in
            [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
        }.sorted().map { path in
            SourceFile(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
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
