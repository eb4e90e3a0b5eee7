import Configuration
import Testing
import Vocabulary

@Suite("The checks of a code base that states none") struct CheckDetectorTests {
    private func detect(_ files: [String: String]) -> [CheckDefinition] {
        CheckDetector.detect(paths: files.keys.sorted()) { files[$0] }
    }
    private func check(_ name: String, _ argv: [String], _ origin: String, tests: Int? = 1) -> CheckDefinition
    {
        CheckDefinition(name: name, command: .argv(argv), requireTests: tests, origin: "detected: \(origin)")
    }

    @Test("are the test commands of its languages")
    func languages() {
        #expect(
            detect(["Package.swift": "", "Tests/ATests/A.swift": ""]) == [
                check("swift test", ["swift", "test"], "SwiftPM")
            ])
        #expect(
            detect(["package.json": #"{"scripts": {"test": "jest"}}"#]) == [
                check("npm test", ["npm", "test"], "npm", tests: nil)
            ])
        #expect(
            detect(["Cargo.toml": "", "src/lib.rs": ""]) == [check("cargo test", ["cargo", "test"], "cargo")])
        #expect(detect(["go.mod": ""]) == [check("go test", ["go", "test", "-v", "./..."], "go")])
    }

    @Test("are pytest where it is configured or its tests say so")
    func pytest() {
        let pytest = [check("pytest", ["python3", "-m", "pytest"], "pytest")]
        #expect(detect(["pytest.ini": "", "a.py": ""]) == pytest)
        #expect(detect(["pyproject.toml": "[tool.pytest.ini_options]\n", "tests/test_a.py": ""]) == pytest)
        #expect(detect(["setup.cfg": "[tool:pytest]\n"]) == pytest)
        #expect(detect(["tests/conftest.py": "", "tests/test_a.py": ""]) == pytest)
        #expect(detect(["tests/test_a.py": "import pytest\n"]) == pytest)
        #expect(detect(["test_a.py": "import a\ndef test_x():\n  assert a\n"]) == pytest)
        #expect(
            detect(["pytest.ini": "", "src/p/__init__.py": ""])
                == [check("pytest", ["env", "PYTHONPATH=src", "python3", "-m", "pytest"], "pytest")])
    }

    @Test("are unittest for Python's own tests, started where they are found")
    func unittest() {
        let discover = ["python3", "-m", "unittest", "discover", "-v"]
        #expect(detect(["test_a.py": "import unittest\n"]) == [check("unittest", discover, "unittest")])
        #expect(
            detect(["tests/__init__.py": "", "tests/test_a.py": "import unittest\n"])
                == [check("unittest", discover, "unittest")])
        #expect(
            detect(["tests/test_a.py": "import unittest\n"]) == [
                check("unittest", discover + ["-s", "tests"], "unittest")
            ])
        #expect(
            detect(["src/p/__init__.py": "", "tests/__init__.py": "", "tests/test_a.py": "import unittest\n"])
                == [check("unittest", ["env", "PYTHONPATH=src"] + discover, "unittest")])
        #expect(
            detect(["pyproject.toml": "[project]\nname = 'x'\n", "tests/test_a.py": "import unittest\n"])
                == [check("unittest", discover + ["-s", "tests"], "unittest")])
    }

    @Test("are none where nothing is recognised: the run then holds")
    func none() {
        #expect(detect([:]) == [])
        #expect(detect(["README.md": "", "main.c": ""]) == [])
        #expect(detect(["a.py": "", "testdata.txt": ""]) == [])
        #expect(detect(["Package.swift": ""]) == [])
        #expect(detect(["package.json": "{}"]) == [])
        #expect(
            detect(["package.json": #"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#])
                == [])
        #expect(detect(["package.json": "not json"]) == [])
        #expect(detect(["package.json": #"{"scripts": {"test": 3}}"#]) == [])
    }

    @Test("are all that apply, in a fixed order")
    func several() {
        let files = ["package.json": #"{"scripts": {"test": "jest"}}"#, "go.mod": "", "pytest.ini": ""]
        #expect(detect(files).map(\.name) == ["npm test", "go test", "pytest"])
    }
}

@Suite("The files that ship with the program") struct SharedFilesTests {
    private func locate(_ executable: String, override: String? = nil, at roots: [String]) -> String? {
        let files = Set(roots.flatMap { ["\($0)/Workflows/feature.yaml", "\($0)/Templates/prompts"] })
        do {
            return try SharedFiles.locate(executablePath: executable, override: override) {
                files.contains($0)
            }.root
        } catch {
            return error.description
        }
    }

    @Test("lie in the prefix of an installed program")
    func installed() {
        #expect(
            locate("/usr/local/bin/graftwork", at: ["/usr/local/share/graftwork"])
                == "/usr/local/share/graftwork")
        #expect(
            locate("/usr/local/libexec/graftwork/graftwork-server", at: ["/usr/local/share/graftwork"])
                == "/usr/local/share/graftwork")
        #expect(
            locate("/home/me/.local/bin/graftwork", at: ["/home/me", "/home/me/.local/share/graftwork"])
                == "/home/me/.local/share/graftwork")
    }

    @Test("lie above a program that was built in its checkout")
    func checkout() {
        let built = "/src/graftwork/.build/x86_64-unknown-linux-gnu/debug/graftwork"
        #expect(locate(built, at: ["/src/graftwork"]) == "/src/graftwork")
        #expect(locate("/graftwork", at: [""]) == "")
    }

    @Test("lie where the person says, and nowhere else then")
    func override() {
        #expect(locate("/usr/bin/graftwork", override: "/x", at: ["/x", "/usr/share/graftwork"]) == "/x")
        #expect(
            locate("/usr/bin/graftwork", override: "/y", at: ["/x", "/usr/share/graftwork"])
                == "The workflows and templates that belong to /y are not there.")
    }

    @Test("are missed by name when they are nowhere")
    func missing() {
        #expect(
            locate("/usr/bin/graftwork", at: [])
                == "The workflows and templates that belong to /usr/bin/graftwork are not there.")
        #expect(locate("/a/b/c/d/e/f/g/h/i/j/graftwork", at: ["/a"]) != "/a")
    }

    @Test("are those of this repository for its own tests")
    func real() throws {
        #expect(try ShippedFiles.workflows.list("").contains("feature.yaml"))
        #expect(try ShippedFiles.prompts.list("") == ["implement.md", "plan.md", "review.md", "revise.md"])
    }
}
