import ChildProcess
import Fixtures
import Foundation
import Testing

/// A cache that the project's scripts fill before the tests run; the tests themselves reach no network.
enum FetchedFolder {
    /// The folder a script of `scripts/` names; throws with the command that fills it when it is not there.
    static func named(by script: String) async throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let output = try await Child.run(
            ChildCommand(
                ["/bin/bash", "\(root)/scripts/\(script)", "--print-dir"],
                environment: ProcessInfo.processInfo.environment, workingDirectory: "/"),
            timeout: .seconds(60))
        let folder = output.stdoutText.trimmingCharacters(in: .whitespacesAndNewlines)
        guard output.isSuccess, FileManager.default.fileExists(atPath: folder) else {
            throw WorldFailure(what: "scripts/\(script)", why: "run it first; \(folder) is not there")
        }
        return folder
    }
}

@Suite("Real input", .serialized)
struct RealInputTests {
    @Test("lands two changes on a code base nobody here wrote, judged by its own tests")
    func codebase() async throws {
        let source = try await FetchedFolder.named(by: "codebase")
        var files = [
            ".graftwork/config.yaml": """
            version: 1
            checks:
              - { name: tests, run: "PYTHONPATH=src python3 -m unittest discover", require-tests: 38 }

            """, ".gitignore": "__pycache__/\n",
        ]
        for name in try FileManager.default.subpathsOfDirectory(atPath: source) {
            var isFolder: ObjCBool = false
            let path = "\(source)/\(name)"
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
            else { continue }
            if let text = try? String(contentsOfFile: path, encoding: .utf8) { files[name] = text }
        }
        let world = try await ProductWorld(files: files)
        do {
            let result = try await world.rehearse(
                try world.script(Self.script), goal: "Tell dark colours from light ones")
            #expect(result.code == 0, "\(result)")
            let subjects = try await world.repository.subjects()
            #expect(Set(subjects.prefix(2)) == ["Tell whether a colour is dark", "Invert a colour"])
            let tests = try await Child.run(
                ChildCommand(
                    ["/usr/bin/python3", "-m", "unittest", "discover"], environment: ["PYTHONPATH": "src"],
                    workingDirectory: world.repository.path), timeout: .seconds(120))
            #expect(tests.isSuccess && tests.stderrText.contains("Ran 40 tests"), "\(tests.stderrText)")
            // Both changed the same file: the second was merged, and what it then changed was reviewed anew.
            let exports = try await world.repository.show("HEAD", "src/webcolors/__init__.py")
            #expect(exports.contains("import is_dark") && exports.contains("import invert"))
        } catch {
            try await world.end()
            throw error
        }
        try await world.end()
    }

    private static let script = #"""
        version: 1
        scenes:
          - match: { role: planner }
            steps:
              - json:
                  summary: Two small functions on top of the conversions.
                  tasks:
                    - { id: dark, title: Tell whether a colour is dark,
                        instructions: "Add is_dark(hex) and export it.",
                        scope: [src/webcolors/_dark.py], acceptance: ["black is dark, white is not"],
                        dependsOn: [] }
                    - { id: invert, title: Invert a colour,
                        instructions: "Add invert(hex) and export it.",
                        scope: [src/webcolors/_invert.py], acceptance: ["white becomes black"],
                        dependsOn: [] }
          - match: { role: author, task: dark }
            steps:
              - read: { path: src/webcolors/__init__.py }
              - write:
                  path: src/webcolors/_dark.py
                  text: |
                    """Tell dark colours from light ones."""
                    from ._conversion import hex_to_rgb


                    def is_dark(hex_value: str) -> bool:
                        """Return whether the colour's perceived brightness is below one half."""
                        red, green, blue = hex_to_rgb(hex_value)
                        return red * 299 + green * 587 + blue * 114 < 127_500
              - write:
                  path: tests/test_dark.py
                  text: |
                    import unittest

                    import webcolors


                    class DarkTests(unittest.TestCase):
                        def test_is_dark(self):
                            assert webcolors.is_dark("#000000")
                            assert not webcolors.is_dark("#ffffff")
              - edit:
                  path: src/webcolors/__init__.py
                  old: "from ._conversion import ("
                  new: "from ._dark import is_dark  # noqa: F401\nfrom ._conversion import ("
              - shell: "PYTHONPATH=src python3 -m unittest discover"
              - final: "is_dark is there, with a test."
          - match: { role: author, task: invert }
            steps:
              - write:
                  path: src/webcolors/_invert.py
                  text: |
                    """Invert colours."""
                    from ._conversion import hex_to_rgb, rgb_to_hex


                    def invert(hex_value: str) -> str:
                        """Return the colour whose channels add up to white with those of the given one."""
                        red, green, blue = hex_to_rgb(hex_value)
                        return rgb_to_hex((255 - red, 255 - green, 255 - blue))
              - write:
                  path: tests/test_invert.py
                  text: |
                    import unittest

                    import webcolors


                    class InvertTests(unittest.TestCase):
                        def test_invert(self):
                            assert webcolors.invert("#ffffff") == "#000000"
              - edit:
                  path: src/webcolors/__init__.py
                  old: "from ._normalization import ("
                  new: "from ._invert import invert  # noqa: F401\nfrom ._normalization import ("
              - shell: "PYTHONPATH=src python3 -m unittest discover"
              - final: "invert is there, with a test."
          - match: { role: reviewer }
            steps:
              - json: { verdict: approve, summary: The contract is met and tested., findings: [] }

        """#
}
