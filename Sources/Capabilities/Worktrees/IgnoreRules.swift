import Git

/// The patterns of one `.gitignore`, read as git reads them.
struct IgnoreFile {
    struct Pattern {
        /// Without `!` and without the slash at the end.
        let bytes: ArraySlice<UInt8>
        let isNegative: Bool
        let isForDirectoriesOnly: Bool
        /// No slash in it: it is compared with the last name of a path only.
        let isForNames: Bool
        /// How many bytes at the start have no wildcard.
        let literalCount: Int
    }

    /// In the order of the file; the last that matches decides.
    let patterns: [Pattern]
    /// The folder the file lies in; empty for the root.
    let folder: GitPath

    /// A larger file is not read.
    static let bytesMax = 1 << 20
    static let patternsMax = 10_000

    init(_ bytes: [UInt8], in folder: GitPath) {
        self.folder = folder
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        patterns = text.split(separator: UInt8(ascii: "\n")).prefix(Self.patternsMax).compactMap {
            Self.parse($0)
        }
    }

    private static func parse(_ text: ArraySlice<UInt8>) -> Pattern? {
        var line = text.last == UInt8(ascii: "\r") ? text.dropLast() : text
        // git's own buffer ends where a zero byte stands.
        line = line.prefix { $0 != 0 }
        guard let first = line.first, first != UInt8(ascii: "#") else { return nil }
        line = withoutTrailingSpaces(line)
        let isNegative = line.first == UInt8(ascii: "!")
        if isNegative { line = line.dropFirst() }
        let isForDirectoriesOnly = line.last == UInt8(ascii: "/")
        if isForDirectoriesOnly { line = line.dropLast() }
        let special: Set<UInt8> = [
            UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "\\"),
        ]
        return Pattern(
            bytes: line, isNegative: isNegative, isForDirectoriesOnly: isForDirectoriesOnly,
            isForNames: !line.contains(UInt8(ascii: "/")),
            literalCount: line.prefix { !special.contains($0) }.count)
    }

    /// Spaces at the end go, unless a backslash keeps them.
    private static func withoutTrailingSpaces(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var lastSpaces: Int?
        var index = line.startIndex
        while index < line.endIndex {
            if line[index] == UInt8(ascii: " ") {
                lastSpaces = lastSpaces ?? index
            } else {
                if line[index] == UInt8(ascii: "\\") {
                    index += 1
                    if index >= line.endIndex { return line }
                }
                lastSpaces = nil
            }
            index += 1
        }
        return lastSpaces.map { line[..<$0] } ?? line
    }

    /// Whether this file ignores a path or keeps it; nil when it says nothing about it.
    func decides(_ path: GitPath, isDirectory: Bool, budget: inout Int) -> Bool? {
        let name = path.bytes[(path.bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
        let below = folder.bytes.isEmpty ? path.bytes[...] : path.bytes.dropFirst(folder.bytes.count + 1)
        for pattern in patterns.reversed() where isDirectory || !pattern.isForDirectoriesOnly {
            budget -= 1
            let isMatch =
                pattern.isForNames
                ? Self.matchesName(pattern, name, &budget) : Self.matchesPath(pattern, below, &budget)
            if isMatch { return !pattern.isNegative }
        }
        return nil
    }

    private static func matchesName(_ pattern: Pattern, _ name: ArraySlice<UInt8>, _ budget: inout Int)
        -> Bool
    {
        if pattern.literalCount == pattern.bytes.count { return pattern.bytes == name }
        return Wildmatch.matches(pattern.bytes, name, isPathname: false, budget: &budget)
    }

    private static func matchesPath(_ pattern: Pattern, _ path: ArraySlice<UInt8>, _ budget: inout Int)
        -> Bool
    {
        var (bytes, literalCount) = (pattern.bytes, pattern.literalCount)
        if bytes.first == UInt8(ascii: "/") {
            bytes = bytes.dropFirst()
            literalCount -= 1
        }
        guard path.starts(with: bytes.prefix(literalCount)) else { return false }
        let (rest, remaining) = (bytes.dropFirst(literalCount), path.dropFirst(literalCount))
        if rest.isEmpty { return remaining.isEmpty }
        return Wildmatch.matches(rest, remaining, isPathname: true, budget: &budget)
    }
}

/// The ignore files in force at one folder: its own and those of the folders above.
struct IgnoreRules {
    /// From the root down.
    private(set) var files: [IgnoreFile] = []

    func adding(_ file: IgnoreFile) -> IgnoreRules {
        var rules = self
        if !file.patterns.isEmpty { rules.files.append(file) }
        return rules
    }

    /// Whether an untracked path is left out. Its folders must not be: what is below an ignored folder is
    /// ignored.
    func ignores(_ path: GitPath, isDirectory: Bool, budget: inout Int) -> Bool {
        for file in files.reversed() {
            if let answer = file.decides(path, isDirectory: isDirectory, budget: &budget) { return answer }
        }
        return false
    }
}
