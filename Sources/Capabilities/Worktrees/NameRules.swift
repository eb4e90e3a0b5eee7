import Git

/// Which names mean something else on some system than they show.
enum NameRules {
    static func isPlainGit(_ name: [UInt8]) -> Bool { name == Array(".git".utf8) }

    /// Whether some file system would take the name for `.git`: by case, by NTFS's short names, streams and
    /// ignored endings, or by the characters that HFS+ leaves out.
    static func isGitAlias(_ name: [UInt8]) -> Bool {
        // NTFS: `.git. .`, `.git::$INDEX_ALLOCATION` and `git~1` are `.git`; a backslash parts folders there.
        for part in name.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false) {
            let beforeStream = part.prefix { $0 != UInt8(ascii: ":") }
            var stem = Array(beforeStream)
            while let last = stem.last, last == UInt8(ascii: ".") || last == UInt8(ascii: " ") {
                stem.removeLast()
            }
            if isGit(stem) || isShortGit(stem) { return true }
        }
        guard let text = String(validating: name, as: UTF8.self) else { return false }
        let visible = text.unicodeScalars.filter { !ignorableOnHFS.contains($0.value) }
        return isGit(Array(String(String.UnicodeScalarView(visible)).lowercased().utf8))
    }

    private static func isGit(_ name: [UInt8]) -> Bool { lowered(name) == Array(".git".utf8) }

    private static func isShortGit(_ name: [UInt8]) -> Bool {
        let name = lowered(name)
        guard name.starts(with: "git~".utf8), name.count > 4 else { return false }
        return name.dropFirst(4).allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func lowered(_ name: [UInt8]) -> [UInt8] {
        name.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    }

    /// As git's `utf8.c` lists them in `next_hfs_char`.
    private static let ignorableOnHFS: Set<UInt32> = [
        0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x206A, 0x206B, 0x206C,
        0x206D, 0x206E,
        0x206F, 0xFEFF,
    ]

    /// What is wrong with one name of a path; nil when nothing is.
    static func objection(to name: [UInt8]) -> String? {
        guard let text = String(validating: name, as: UTF8.self) else { return "is not UTF-8" }
        if name.isEmpty || text == "." || text == ".." { return "is no name" }
        if isGitAlias(name) { return "is taken for .git on some systems" }
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: return "holds a control character"
            case .format: return "holds an invisible or direction-changing character"
            case .unassigned, .privateUse, .surrogate: return "holds a character without a meaning"
            default: break  // Every kind of character that shows.
            }
            if scalar == "\\" || scalar == ":" { return "holds \(scalar), which parts paths on some systems" }
        }
        if text.hasPrefix("-") { return "begins with a hyphen, which programs take for an option" }
        if text.hasSuffix(".") || text.hasSuffix(" ") {
            return "ends with a dot or a space, which some systems drop"
        }
        if isDevice(text) { return "is the name of a device on Windows" }
        if text.unicodeScalars.contains(where: isCompatibilityCharacter) {
            return "holds a character that some systems fold into another"
        }
        return nil
    }

    private static func isDevice(_ text: String) -> Bool {
        let stem = String(text.prefix { $0 != "." }).uppercased().trimmingSpaces
        if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(stem) { return true }
        guard stem.count == 4, stem.hasPrefix("COM") || stem.hasPrefix("LPT"), let last = stem.last else {
            return false
        }
        return "123456789¹²³".contains(last)
    }

    /// Two paths with the same folding are one path on a system that ignores case. Canonically equal texts
    /// are equal as Swift strings already; characters that only NFKC folds are objected to by themselves.
    static func folded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 && !(0x41...0x5A).contains($0) }) { return text }
        // Upper case first: it is what turns ß into SS and ς into Σ.
        return text.uppercased().lowercased()
    }

    private static func isCompatibilityCharacter(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x80, scalar.properties.changesWhenNFKCCaseFolded else { return false }
        return folded(String(scalar)).unicodeScalars.contains {
            $0.value >= 0x80 && $0.properties.changesWhenNFKCCaseFolded
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = self[...]
        while text.hasSuffix(" ") { text.removeLast() }
        return String(text)
    }
}
