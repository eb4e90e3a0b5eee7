import Glibc
import Linux

/// Seeded edits of a worktree: all that makes the difference between naive copying and what git saves.
struct EditScript {
    private var random: SplitMix
    /// Whether attributes are at play; they are the base's for us, so these scripts never edit them.
    private let hasAttributes: Bool

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        hasAttributes = seed % 3 == 0
    }

    private static let names = [
        "a", "b.txt", "c.log", "build", "src", "docs", "x y", "é", "[z]", "tmp", "keep.me", "Q\"", "deep",
        ".hidden", "n\nl", "foo.o",
    ]
    private static let patterns = [
        "*.log", "build/", "/tmp", "!keep.me", "**/deep", "src/**/a", "docs/*.txt", "*.o", "[[]z]", "a",
        "x\\ y", "b.tx?",
        "[a-c]", "!a", "src/", "*", "!*/", "deep/**", "# comment", "\\#x", "trailing   ", ".hidden/",
        "[!a-z]*", "Q\\\"", "**",
        "/build/*.log", "!/build/c.log", "[[:upper:]]*", "src/*/b.txt", "foo**", "d*p",
    ]

    mutating func baseFiles() -> [String: String] {
        var files = ["seed": "x\n"]
        for _ in 0..<12 {
            let path = self.path()
            // A base in which a file is also a folder cannot be.
            if files.keys.contains(where: { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }) {
                continue
            }
            files[path] = text()
        }
        if hasAttributes { files[".gitattributes"] = "*.txt text\n*.o binary\n* text=auto\nsrc/* -text\n" }
        return files
    }

    /// A dozen edits, in place.
    mutating func edit(_ root: String) throws {
        for _ in 0..<12 {
            let path = "\(root)/\(self.path())"
            switch random.next(10) {
            case 0: if try isReachable(path, root) { try Files.removeTree(path) }
            case 1:
                try makeRoom(for: path, root)
                try Files.removeTree(path)
                try Files.makeLink(
                    at: path, to: random.pick(["seed", "../..", "/etc/passwd", ".", "dangling"]))
            case 2:
                let folder = random.next(2) == 0 ? root : Files.parent(of: path)
                try makeRoom(for: folder + "/x", root)
                let lines = (0..<(1 + random.next(4))).map { _ in random.pick(Self.patterns) }
                try replace(
                    "\(folder)/.gitignore",
                    lines.joined(separator: random.next(5) == 0 ? "\r\n" : "\n") + "\n")
            case 3:
                if try isReachable(path, root), Files.exists(path),
                    try Files.status(of: path).st_mode & S_IFMT == S_IFREG
                {
                    try Files.changeMode(path, random.next(2) == 0 ? 0o755 : 0o644)
                }
            case 4:
                try makeRoom(for: path, root)
                if !Files.exists(path) { try Files.makeDirectory(path, mode: 0o755) }
            default:
                try makeRoom(for: path, root)
                try replace(path, text())
            }
        }
    }

    /// Whether all folders above are real ones: an edit never goes through a link that an earlier one made.
    private func isReachable(_ path: String, _ root: String) throws -> Bool {
        var folder = Files.parent(of: path)
        while folder.count > root.count {
            guard Files.exists(folder), try Files.status(of: folder).st_mode & S_IFMT == S_IFDIR else {
                // What cannot be looked at, or is no folder.
                return false
            }
            folder = Files.parent(of: folder)
        }
        return true
    }

    private func replace(_ path: String, _ text: String) throws {
        try Files.removeTree(path)
        try Files.writeAtomically(path, text: text, mode: 0o644)
    }

    /// Turns whatever stands where a folder is needed into one.
    private func makeRoom(for path: String, _ root: String) throws {
        var folder = root
        for part in path.dropFirst(root.count + 1).split(separator: "/").dropLast() {
            folder += "/\(part)"
            if Files.exists(folder), try Files.status(of: folder).st_mode & S_IFMT == S_IFDIR { continue }
            try Files.removeTree(folder)
            try Files.makeDirectory(folder, mode: 0o755)
        }
    }

    private mutating func path() -> String {
        (0..<(1 + random.next(3))).map { _ in random.pick(Self.names) }.joined(separator: "/")
    }

    private mutating func text() -> String {
        random.pick([
            "", "one\n", "one\ntwo\n", "cr\r\nlf\r\n", "mixed\r\nlines\n", "no end", "zero\0byte\r\n",
        ]) + "\(random.next(1000))\n"
    }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SplitMix {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(elements.count)] }
}
