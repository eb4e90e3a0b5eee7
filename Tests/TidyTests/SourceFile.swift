import Foundation

/// A text of the repository and where it lies.
struct SourceFile {
    /// From the root of the repository: `Sources/Domain/Policies/Policy.swift`.
    let path: String
    let lines: [Substring]
    /// The lines with their numbers, without what stands in comments.
    let code: [(number: Int, text: Substring)]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = lines.enumerated().map { ($0 + 1, Self.withoutComment($1)) }
    }

    /// A comment begins at the start of the line or after a space; "https://" in a text begins none.
    private static func withoutComment(_ line: Substring) -> Substring {
        let bytes = line.utf8
        var previous: UInt8 = 0x20
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let next = bytes.index(after: index)
            if bytes[index] == 0x2F, previous == 0x20, next < bytes.endIndex, bytes[next] == 0x2F {
                return line[..<index]
            }
            previous = bytes[index]
            index = next
        }
        return line
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var name: String { String(path.split(separator: "/").last ?? "") }
    private var folders: [Substring] { path.split(separator: "/") }
    var isSource: Bool { folders.first == "Sources" }
    /// The floor it lies on, when it is a source.
    var floor: Floor? { isSource && folders.count > 2 ? Floor(rawValue: String(folders[1])) : nil }
    /// The module it belongs to, when it is a source.
    var module: String? { isSource && folders.count > 3 ? String(folders[2]) : nil }

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
