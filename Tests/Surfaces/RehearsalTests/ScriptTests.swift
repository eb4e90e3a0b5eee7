import Rehearsal
import Testing
import Vocabulary

@Suite("A rehearsal's script") struct ScriptTests {
    @Test("is read from YAML, every kind of step in it")
    func reads() throws {
        let script = try RehearsalScript(
            yaml: """
                version: 1
                scenes:
                  - match: { role: planner }
                    steps:
                      - json: { tasks: [{ id: a, n: 2, x: 1.5, yes: true, none: null, quoted: "3" }] }
                  - match: { role: author, task: pagination, round: 2, contains: "the word" }
                    steps:
                      - { say: Working., write: { path: src/page.py, text: "a: b\\n" } }
                      - shell: "python3 -m pytest -q"
                        usage: { input: 5, output: 6, cacheRead: 7, cacheWrite: 8 }
                      - { edit: { path: f, old: x, new: "" } }
                      - read: f
                      - { parallel: [{ shell: ls }, { read: { path: g } }], delay: 250 }
                      - { status: 529 }
                      - { cut: true, say: half }
                      - { hang: true }
                      - { garbage: true }
                      - final: Added pagination.
                """, file: "demo.yaml")
        #expect(
            script
                == RehearsalScript(scenes: [
                    RehearsalScene(
                        match: RehearsalMatch(role: "planner"),
                        steps: [
                            .json([
                                "tasks": [
                                    ["id": "a", "n": 2, "x": 1.5, "yes": true, "none": .null, "quoted": "3"]
                                ]
                            ])
                        ]),
                    RehearsalScene(
                        match: RehearsalMatch(
                            role: "author", task: "pagination", round: 2, contains: "the word"),
                        steps: [
                            RehearsalStep(
                                say: "Working.", calls: [.write(path: "src/page.py", text: "a: b\n")]),
                            RehearsalStep(
                                calls: [.shell("python3 -m pytest -q")],
                                usage: TokenUsage(input: 5, output: 6, cacheRead: 7, cacheWrite: 8)),
                            .edit("f", old: "x", new: ""),
                            .read("f"),
                            RehearsalStep(calls: [.shell("ls"), .read(path: "g")], delayMilliseconds: 250),
                            .fault(.status(529)),
                            RehearsalStep(say: "half", fault: .cut),
                            .fault(.hang),
                            .fault(.garbage),
                            .final("Added pagination."),
                        ]),
                ]))
    }

    @Test("may be JSON")
    func json() throws {
        let script = try RehearsalScript(
            yaml: #"{"version": 1, "scenes": [{"steps": [{"final": "Hello."}]}]}"#, file: "s.json")
        #expect(
            script
                == RehearsalScript(scenes: [
                    RehearsalScene(match: RehearsalMatch(), steps: [.final("Hello.")])
                ]))
    }

    @Test(
        "names the place of what it does not understand",
        arguments: [
            ("scenes: []", "s:1:1: a script begins with `version: 1`"),
            ("version: 2\nscenes: []", "s:1:10: version must be 1"),
            ("version: 1", "s:1:1: a script has `scenes`"),
            ("version: 1\nscenes:\n  - steps: [{ shel: ls }]", "s:3:15: a step has no `shel`"),
            (
                "version: 1\nscenes:\n  - match: { rol: x }\n    steps: [{ final: x }]",
                "s:3:14: `match` has no `rol`"
            ),
            ("version: 1\nscenes:\n  - steps: []", "s:3:12: a scene has at least one step"),
            ("version: 1\nscenes:\n  - steps: [{ delay: 5 }]", "s:3:13: this step does nothing"),
            (
                "version: 1\nscenes:\n  - steps: [{ status: 200 }]",
                "s:3:23: status must be an error, 400 to 599"
            ),
            ("version: 1\nscenes:\n  - steps: [{ cut: true, hang: true }]", "s:3:13: a step has at most one"),
            ("version: 1\nscenes:\n  - steps: [{ final: x, shell: y }]", "s:3:22: `final` stands alone"),
            ("version: 1\nscenes:\n  - steps: [{ write: { path: x } }]", "s:3:22: `text` is missing"),
            ("version: 1\nscenes: [\n", "s:3:1: "),
        ])
    func errors(text: String, beginning: String) {
        let error = #expect(throws: RehearsalError.self) { try RehearsalScript(yaml: text, file: "s") }
        #expect(error?.description.hasPrefix(beginning) == true, "\(error?.description ?? "")")
        #expect(error?.blame == .user)
    }
}
