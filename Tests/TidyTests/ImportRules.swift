/// What a file may import.
enum ImportRules {
    /// Every import of a source points to a floor its own floor may use, or to an allowed module of the
    /// toolchain.
    static func upwardImports(_ file: SourceFile, modules: [String: Floor]) -> [Violation] {
        guard file.isSwift, let floor = file.floor else { return [] }
        return imports(of: file).compactMap { number, module in
            if let imported = modules[module] {
                return floor.mayImport.contains(imported)
                    ? nil
                    : file.violation(
                        number, "\(floor.rawValue) may not import \(module) of \(imported.rawValue)")
            }
            return floor.mayImportFromToolchain.contains(module)
                ? nil : file.violation(number, "\(floor.rawValue) may not import \(module)")
        }
    }

    /// What each `.module` and `.program` of the manifest says that it uses.
    static func uses(inManifest manifest: String) -> [String: Set<String>] {
        let entry = /\.(?:module|program)\(\s*"([\w-]+)"([^()]*)\)/
        var result: [String: Set<String>] = [:]
        for match in manifest.matches(of: entry) {
            let list = match.2.split(separator: "uses:", maxSplits: 1).dropFirst().joined()
            result[String(match.1)] = Set(list.matches(of: /"([\w-]+)"/).map { String($0.1) })
        }
        return result
    }

    static func imports(of file: SourceFile) -> [(number: Int, module: String)] {
        let pattern =
            #/
            ^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?
            import\s+(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)
            /#
        return file.code(holding: ["import "]).compactMap { number, text in
            text.firstMatch(of: pattern).map { (number, String($0.1)) }
        }
    }
}
