import Glibc
import Linux
import Vocabulary

/// Why a tool did not do what it was asked, in words for the model.
struct ToolFailure: Error, Hashable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The file tools. The sandbox is the boundary; that paths leave the worktree is refused here so that the
/// model learns it in a sentence.
struct WorktreeFiles: Sendable {
    let folder: String

    func read(_ path: String, offset: Int, limit: Int?) throws(ToolFailure) -> String {
        let text = try contents(of: try place(path), path)
        guard offset > 1 || limit != nil else { return text }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropFirst(max(0, offset - 1)).prefix(max(0, limit ?? lines.count)).joined(
            separator: "\n")
    }

    func write(_ path: String, _ content: String) throws(ToolFailure) -> String {
        let place = try place(path)
        guard !Files.isDirectory(place) else { throw ToolFailure("\(path) is a folder.") }
        try failing(path) { () throws(SystemError) in
            try Files.makeDirectory(Files.parent(of: place), mode: 0o755)
            try Files.writeAtomically(place, text: content, mode: try Self.mode(of: place))
        }
        return "Wrote \(content.utf8.count) bytes to \(path)."
    }

    func edit(_ path: String, old: String, new: String) throws(ToolFailure) -> String {
        let place = try place(path)
        let text = try contents(of: place, path)
        guard !old.isEmpty else { throw ToolFailure("The old text is empty; use write to make a file.") }
        let count = Self.occurrences(of: old, in: text)
        guard count == 1 else {
            throw ToolFailure(
                count == 0
                    ? "The old text is not in \(path)."
                    : "The old text is in \(path) \(count) times; give more of it.")
        }
        guard let range = text.range(of: old) else { throw ToolFailure("The old text is not in \(path).") }
        let changed = text.replacingCharacters(range, with: new)
        try failing(path) { () throws(SystemError) in
            try Files.writeAtomically(place, text: changed, mode: try Self.mode(of: place))
        }
        return "Edited \(path)."
    }

    func search(_ text: String, in path: String) throws(ToolFailure) -> String {
        var found: [String] = []
        var looked = 0
        var waiting = [try place(path)]
        while let next = waiting.popLast(), looked < AgentBounds.searchFiles,
            found.count < AgentBounds.searchMatches
        {
            looked += 1
            guard let kind = Self.kind(of: next) else { continue }
            if kind == S_IFDIR {
                // Not a cause lost: what cannot be listed holds no match.
                let names = (try? Files.list(next)) ?? []
                waiting += names.reversed().filter { $0 != ".git" }.map { "\(next)/\($0)" }
            } else if kind == S_IFREG,
                let bytes = try? Files.read(next, bytesMax: AgentBounds.searchFileBytes),
                !bytes.prefix(1_024).contains(0)
            {
                let shown =
                    next.hasPrefix("\(folder)/") ? String(next.dropFirst(folder.utf8.count + 1)) : next
                let lines = String(decoding: bytes, as: UTF8.self).split(
                    separator: "\n", omittingEmptySubsequences: false)
                for (index, line) in lines.enumerated() where line.range(of: text) != nil {
                    found.append("\(shown):\(index + 1): \(VisibleText.oneLine(String(line), limit: 300))")
                    if found.count >= AgentBounds.searchMatches { break }
                }
            }
        }
        if found.isEmpty { return "Nothing found." }
        let isCut = found.count >= AgentBounds.searchMatches || looked >= AgentBounds.searchFiles
        return found.joined(separator: "\n") + (isCut ? "\n[… there may be more …]" : "")
    }

    /// Where a path leads; refused when that is outside the worktree, be it by `..`, from the root or over a
    /// link.
    func place(_ path: String) throws(ToolFailure) -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw ToolFailure("The path is empty.") }
        var parts: [Substring] = []
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        let plain = "/" + parts.joined(separator: "/")
        guard plain == folder || plain.hasPrefix("\(folder)/") else { throw Self.outside(path) }
        // The deepest part that is there decides where the rest would go.
        var there = plain
        while !Files.exists(there), there != folder { there = Files.parent(of: there) }
        let real: String
        do throws(SystemError) {
            real = try Files.realPath(there)
        } catch {
            throw ToolFailure("\(path) cannot be followed: it is a link to nowhere.")
        }
        guard real == folder || real.hasPrefix("\(folder)/") else { throw Self.outside(path) }
        return real + plain.dropFirst(there.count)
    }

    private static func outside(_ path: String) -> ToolFailure {
        ToolFailure(
            """
            \(VisibleText.oneLine(path, limit: 200)) is outside the worktree; this tool works inside it only.
            """
        )
    }

    private func contents(of place: String, _ path: String) throws(ToolFailure) -> String {
        let bytes = try failing(path) { () throws(SystemError) in
            try Files.read(place, bytesMax: AgentBounds.fileBytes)
        }
        // Never repaired: an edit would write the repair back.
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ToolFailure("\(path) is not UTF-8 text.")
        }
        return text
    }

    private func failing<Value>(_ path: String, _ body: () throws(SystemError) -> Value) throws(ToolFailure)
        -> Value
    {
        do throws(SystemError) {
            return try body()
        } catch {
            throw ToolFailure("\(path): \(error)")
        }
    }

    private static func kind(of path: String) -> mode_t? {
        do throws(SystemError) {
            return try Files.status(of: path).st_mode & S_IFMT
        } catch {
            return nil
        }
    }

    /// A file keeps its mode; a new one gets the usual.
    private static func mode(of path: String) throws(SystemError) -> UInt32 {
        Files.exists(path) ? UInt32(try Files.status(of: path).st_mode & 0o777) : 0o644
    }

    private static func occurrences(of piece: String, in text: String) -> Int {
        var count = 0
        var rest = text[...]
        while let range = rest.range(of: piece) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
