package import Vocabulary

/// Which programs a code base is built and tested with, told by the files at its root.
package enum NeededPrograms {
    /// By the file that says so.
    private static let byFile: [(file: String, programs: [String])] = [
        ("Package.swift", ["swift"]), ("Cargo.toml", ["cargo"]), ("go.mod", ["go"]),
        ("package.json", ["node", "npm"]), ("yarn.lock", ["yarn"]), ("pnpm-lock.yaml", ["pnpm"]),
        ("bun.lockb", ["bun"]), ("deno.json", ["deno"]), ("pyproject.toml", ["python3"]),
        ("setup.py", ["python3"]), ("setup.cfg", ["python3"]), ("requirements.txt", ["python3"]),
        ("tox.ini", ["python3"]), ("pytest.ini", ["python3"]), ("pom.xml", ["java", "mvn"]),
        ("mvnw", ["java"]), ("build.gradle", ["java", "gradle"]), ("build.gradle.kts", ["java", "gradle"]),
        ("gradlew", ["java"]), ("Makefile", ["make"]), ("makefile", ["make"]), ("GNUmakefile", ["make"]),
        ("CMakeLists.txt", ["cmake"]), ("meson.build", ["meson"]), ("Gemfile", ["ruby"]),
        ("composer.json", ["php"]), ("mix.exs", ["mix"]), ("build.zig", ["zig"]), ("dune-project", ["dune"]),
        ("stack.yaml", ["stack"]),
    ]

    /// All of them: what is looked for where there is no code base to ask.
    package static let known: [String] = unique(byFile.flatMap(\.programs))

    /// - Parameter paths: of the tree, or of its root alone.
    package static func of(paths: [String]) -> [String] {
        let names = Set(paths.lazy.filter { !$0.contains("/") })
        var programs = byFile.filter { names.contains($0.file) }.flatMap(\.programs)
        if paths.contains(where: isPython) { programs.append("python3") }
        return unique(programs)
    }

    private static func isPython(_ path: String) -> Bool {
        path.hasSuffix(".py") && (!path.contains("/") || path.hasPrefix("tests/") || path.hasPrefix("test/"))
    }

    /// The program a check's command begins with; nil for a script, whose words could mean anything.
    package static func first(of command: CheckDefinition.Command) -> String? {
        guard case .argv(let argv) = command else { return nil }
        // `env NAME=VALUE … PROGRAM` is how a variable is set without a shell.
        let words = argv.first == "env" ? argv.dropFirst().drop { $0.contains("=") } : argv[...]
        return words.first.flatMap { isName($0) ? $0 : nil }
    }

    private static let nameBytesMax = 64

    /// The bare name of a program, and nothing that could be taken for more where it is shown.
    package static func isName(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.count <= nameBytesMax && !word.hasPrefix(".") && !word.hasPrefix("-")
            && word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || ".-_+".utf8.contains(byte)
            }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
