import Glibc
import Linux

/// Seeded edits of a worktree: all that makes the difference between naive copying and what git saves.
struct EditScript {
    private var random: SplitMix
    /// Whether attributes are at play; they are the base's for us, so these scripts never edit them.
    private let hasAttributes: Bool
    /// Whether the base ignores something already.
    private let ignoresAtFirst: Bool

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        hasAttributes = seed % 3 == 0
        ignoresAtFirst = seed % 2 == 0
    }

    private static let names = [
        "a", "b.txt", "c.log", "build", "src", "docs", "x y", "é", "[z]", "tmp", "keep.me", "Q\"", "deep",
        ".hidden", "n\nl", "foo.o", "a-b", "a0", "tab\t", "back\\", "-rf", "~", "A", "日本", "%s", "'",
        "\u{1}",
        "e\u{301}",
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
        if ignoresAtFirst {
            files[".gitignore"] = "*.log\nbuild/\n"
            if files["src"] == nil { files["src/.gitignore"] = "a\n!*.log\n" }
        }
        if hasAttributes {
            files[".gitattributes"] =
                "* text=auto\n*.txt text\n*.o binary\nsrc/* -text\n*.me text eol=crlf\n.hidden text eol=lf\n"
            if files["docs"] == nil { files["docs/.gitattributes"] = "a -text\n*.txt eol=crlf\n" }
        }
        return files
    }

    /// A few edits, in place.
    mutating func edit(_ root: String) throws {
        for _ in 0..<(1 + random.next(8)) {
            let path = "\(root)/\(self.path())"
            switch random.next(14) {
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
                let mode: UInt32 = random.next(2) == 0 ? 0o755 : 0o644
                if try isFile(path, root) { try Files.changeMode(path, mode) }
            case 4:
                try makeRoom(for: path, root)
                if !Files.exists(path) { try Files.makeDirectory(path, mode: 0o755) }
            case 5, 6:
                let target = "\(root)/\(self.path())"
                try rename(path, target, root)
            case 7, 8:
                // The same size and the same time of modification as before.
                let byte = UInt8(ascii: "A") + UInt8(random.next(26))
                if try isFile(path, root) { try overwrite(path, byte) }
            case 9:
                let line = text()
                if try isFile(path, root) { try append(path, line) }
            default:
                try makeRoom(for: path, root)
                try replace(path, text())
            }
        }
    }

    private func isFile(_ path: String, _ root: String) throws -> Bool {
        try isReachable(path, root) && Files.exists(path)
            && Files.status(of: path).st_mode & S_IFMT == S_IFREG
    }

    /// Moves whatever is there; a folder of the lower layer of an overlay is copied, as `mv` does it.
    private func rename(_ path: String, _ target: String, _ root: String) throws {
        guard path != target, !target.hasPrefix(path + "/"), !path.hasPrefix(target + "/"),
            try isReachable(path, root), Files.exists(path)
        else { return }
        try makeRoom(for: target, root)
        // Making room may have taken away what was to be moved.
        guard Files.exists(path) else { return }
        try Files.removeTree(target)
        do throws(SystemError) {
            try Files.move(path, to: target)
        } catch  where error.code == EXDEV {
            try copy(path, to: target)
            try Files.removeTree(path)
        }
    }

    private func copy(_ path: String, to target: String) throws {
        let status = try Files.status(of: path)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            try Files.makeDirectory(target, mode: 0o755)
            for name in try Files.list(path) { try copy("\(path)/\(name)", to: "\(target)/\(name)") }
        case S_IFLNK: try Files.makeLink(at: target, to: try Files.linkTarget(path))
        default:
            try Files.writeAtomically(
                target, try Files.read(path, bytesMax: 1 << 20), mode: status.st_mode & 0o777)
        }
    }

    private func overwrite(_ path: String, _ byte: UInt8) throws {
        let status = try Files.status(of: path)
        let file = open(path, O_WRONLY)
        guard file >= 0 else { throw SystemError(call: "open", subject: path) }
        defer { close(file) }
        var times = [status.st_atim, status.st_mtim]
        guard status.st_size > 0, pwrite(file, [byte], 1, 0) == 1, futimens(file, &times) == 0 else { return }
    }

    private func append(_ path: String, _ text: String) throws {
        let file = open(path, O_WRONLY | O_APPEND)
        guard file >= 0 else { throw SystemError(call: "open", subject: path) }
        defer { close(file) }
        _ = write(file, text, text.utf8.count)
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
