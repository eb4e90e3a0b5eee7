/// What the text of a file may hold.
enum TextRules {
    static let columnsMax = 110
    static let sourceLinesMax = 400

    static func longLines(_ file: SourceFile) -> [Violation] {
        // Bytes are no columns, but no line has more columns than bytes.
        file.lines(longerThan: columnsMax).compactMap { number, line in
            line.count > columnsMax ? file.violation(number, "\(line.count) columns") : nil
        }
    }

    static func longFile(_ file: SourceFile) -> [Violation] {
        guard file.isSource, file.lineEnds > sourceLinesMax else { return [] }
        return [
            file.violation(sourceLinesMax, "\(file.lineEnds) lines: which second concept hides here?")
        ]
    }

    /// Work that was put off without an owner.
    static func putOff(_ file: SourceFile) -> [Violation] {
        guard file.isSource else { return [] }
        return file.lines(holding: ["TODO", "FIXME", "XXX"]).compactMap { number, line in
            line.contains(/\b(TODO|FIXME|XXX)\b/) ? file.violation(number, "work put off") : nil
        }
    }

    /// Ways to end the program where an error would do.
    static func traps(_ file: SourceFile) -> [Violation] {
        guard file.isSource, file.isSwift else { return [] }
        return file.code(holding: ["fatalError", "try!", "as!"]).compactMap { number, text in
            text.firstMatch(of: /\bfatalError\(|\btry!|\bas!\s/).map { file.violation(number, "`\($0.0)`") }
        }
    }

    /// Escapes from the concurrency checks, unless "Safe because" stands on the line or at most three above
    /// it.
    static func unexplainedEscapes(_ file: SourceFile) -> [Violation] {
        // The rules themselves speak of what they look for.
        guard file.isSwift, !file.path.hasPrefix("Tests/TidyTests/") else { return [] }
        return file.code(holding: ["@unchecked", "nonisolated(unsafe)", "@unsafe"]).compactMap {
            number, text in
            guard text.contains(/@unchecked\s+Sendable|nonisolated\(unsafe\)|@unsafe\b/) else { return nil }
            return file.line(number, andAbove: 3).contains { $0.contains(/\/\/.*Safe because/) }
                ? nil : file.violation(number, "no comment says why this is safe")
        }
    }

    /// What would make the domain depend on when, where or how often it runs.
    static func impureDomain(_ file: SourceFile) -> [Violation] {
        guard file.floor == .domain, file.isSwift else { return [] }
        let pattern =
            #/
            \bDate\(\)|\bDate\.now\b|\b(Continuous|Suspending)Clock\b|\bFileManager\b|\bProcessInfo\b
            |\bSystemRandomNumberGenerator\b|\bUUID\(\)|\bTask\s*\{|\bTask\.(sleep|detached|yield)\b
            /#
        let words = [
            "Date", "Clock", "FileManager", "ProcessInfo", "SystemRandomNumberGenerator", "UUID", "Task",
        ]
        return file.code(holding: words).compactMap { number, text in
            text.firstMatch(of: pattern).map { file.violation(number, "`\($0.0)` in the domain") }
        }
    }
}
