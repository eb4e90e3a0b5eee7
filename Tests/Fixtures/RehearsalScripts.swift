/// Scripts for the models of a story, in Rehearsal's own format.
package enum RehearsalScripts {
    /// One task that adds a function and its test; the reviewer approves.
    package static let oneTask = plan(["mul"]) + author("mul") + approve

    /// Two tasks in two files; the reviewer approves both.
    package static let twoTasks = plan(["mul", "sub"]) + author("mul") + author("sub") + approve

    package static func plan(_ tasks: [String], dependsOn: [String: String] = [:]) -> String {
        let items = tasks.map { task in
            let waits = dependsOn[task].map { "[\($0)]" } ?? "[]"
            return "            - { id: \(task), title: Add \(task), instructions: Add \(task) with a test, "
                + "scope: [\(task).py], acceptance: [\(task) works], dependsOn: \(waits) }\n"
        }
        return """
            version: 1
            scenes:
              - match: { role: planner }
                steps:
                  - json:
                      summary: Functions, one each.
                      tasks:

            """ + items.joined()
    }

    /// An author who writes a module and its test, and runs the tests.
    package static func author(_ task: String, round: Int? = nil, body: String = "return a * b") -> String {
        let when = round.map { ", round: \($0)" } ?? ""
        return """
              - match: { role: author, task: \(task)\(when) }
                steps:
                  - write: { path: \(task).py, text: "def \(task)(a, b):\\n    \(body)\\n" }
                  - write:
                      path: tests/test_\(task).py
                      text: |
                        import unittest

                        from \(task) import \(task)


                        class T(unittest.TestCase):
                            def test_it(self):
                                self.assertEqual(\(task)(2, 2), 4)
                  - shell: "python3 -m unittest"
                  - final: Added \(task).

            """
    }

    package static let approve = """
          - match: { role: reviewer }
            steps:
              - json: { verdict: approve, summary: It does what the contract says., findings: [] }

        """

    package static func requestChanges(_ task: String, round: Int) -> String {
        """
          - match: { role: reviewer, task: \(task), round: \(round) }
            steps:
              - json:
                  verdict: changes
                  summary: One thing is missing.
                  findings:
                    - { severity: blocking, file: \(task).py, line: 1, claim: There is no docstring.,
                        why: The contract asks for one., suggestion: Add it. }

        """
    }
}
