package import Vocabulary

/// Finds the checks of a code base that states none: whatever runs its tests by the habits of its language.
package enum CheckDetector {
    /// How many test files are looked into.
    static let testFilesRead = 20

    /// - Parameters:
    ///   - paths: all paths of the base tree.
    ///   - text: a file of that tree; nil when it is not text or too large.
    /// - Returns: in a fixed order; empty when nothing is recognised, and the run then holds.
    package static func detect(paths: [String], text: (_ path: String) throws -> String?) rethrows -> [CheckDefinition] {
        let tree = Set(paths)
        var checks: [CheckDefinition] = []
        if tree.contains("Package.swift"), paths.contains(where: { $0.hasPrefix("Tests/") }) {
            checks.append(check("swift test", ["swift", "test"], requireTests: 1, "SwiftPM"))
        }
        if tree.contains("package.json"), let manifest = try text("package.json"), hasTestScript(manifest) {
            // npm runs anything; whether its output counts tests depends on the package.
            checks.append(check("npm test", ["npm", "test"], requireTests: nil, "npm"))
        }
        if tree.contains("Cargo.toml") { checks.append(check("cargo test", ["cargo", "test"], requireTests: 1, "cargo")) }
        if tree.contains("go.mod") {
            checks.append(check("go test", ["go", "test", "-v", "./..."], requireTests: 1, "go"))
        }
        if let python = try python(paths: paths, tree: tree, text: text) { checks.append(python) }
        return checks
    }

    private static func check(_ name: String, _ argv: [String], requireTests: Int?, _ origin: String) -> CheckDefinition {
        CheckDefinition(name: name, command: .argv(argv), requireTests: requireTests, origin: "detected: \(origin)")
    }

    // MARK: npm

    /// `scripts.test` that is not the line `npm init` writes.
    private static func hasTestScript(_ manifest: String) -> Bool {
        guard let script = PackageManifest(manifest)?.testScript else { return false }
        return !script.isEmpty && !script.contains("no test specified")
    }

    // MARK: Python

    private static func python(
        paths: [String], tree: Set<String>, text: (_ path: String) throws -> String?
    ) rethrows -> CheckDefinition? {
        let tests = paths.filter(isPythonTest).sorted()
        let configured = try usesPytest(tree, text)
        guard !tests.isEmpty || configured else { return nil }
        var isPytest = configured || paths.contains { $0 == "conftest.py" || $0.hasSuffix("/conftest.py") }
        if !isPytest {
            for path in tests.prefix(testFilesRead) {
                guard let source = try text(path) else { continue }
                if source.contains("import pytest") || !source.contains("unittest") && source.contains("\ndef test") {
                    isPytest = true
                    break
                }
            }
        }
        // A package under src/ is found without being installed.
        let isSourceLayout = paths.contains { $0.hasPrefix("src/") && $0.hasSuffix("/__init__.py") }
        let prefix = isSourceLayout ? ["env", "PYTHONPATH=src"] : []
        if isPytest { return check("pytest", prefix + ["python3", "-m", "pytest"], requireTests: 1, "pytest") }
        var argv = prefix + ["python3", "-m", "unittest", "discover", "-v"]
        if let folder = looseTestFolder(tests, tree) { argv += ["-s", folder] }
        return check("unittest", argv, requireTests: 1, "unittest")
    }

    private static func isPythonTest(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard let name = parts.last, name.hasPrefix("test"), name.hasSuffix(".py") else { return false }
        return parts.count == 1 || ["test", "tests"].contains(parts[0]) || parts.contains("tests")
    }

    /// A folder of tests that is no package: discovery finds it only when it starts there.
    private static func looseTestFolder(_ tests: [String], _ tree: Set<String>) -> String? {
        for folder in ["tests", "test"] where !tree.contains("\(folder)/__init__.py") {
            if tests.contains(where: { $0.hasPrefix(folder + "/") }) { return folder }
        }
        return nil
    }

    private static func usesPytest(_ tree: Set<String>, _ text: (_ path: String) throws -> String?) rethrows -> Bool {
        if tree.contains("pytest.ini") { return true }
        for (file, marks) in [
            ("pyproject.toml", ["[tool.pytest"]), ("tox.ini", ["[pytest]", "pytest"]), ("setup.cfg", ["[tool:pytest]"]),
        ] where tree.contains(file) {
            if let contents = try text(file), marks.contains(where: contents.contains) { return true }
        }
        return false
    }
}
