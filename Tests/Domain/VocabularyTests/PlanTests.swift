import Testing
import Vocabulary

@Suite("A plan") struct PlanTests {
    private func task(_ id: String, after: [String] = [], scope: [String] = [], title: String = "t")
        -> PlannedTask
    {
        PlannedTask(
            id: TaskID(id), title: title, instructions: "do", scope: scope,
            dependsOn: after.map { TaskID($0) })
    }
    private func refusal(_ tasks: [PlannedTask], limit: Int = 3) -> String? {
        do {
            try Plan(summary: "", tasks: tasks).validate(taskLimit: limit)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("is taken when its tasks are named, bounded and can be put in order")
    func good() {
        #expect(refusal([task("a"), task("b-2", after: ["a"]), task("c", after: ["a", "b-2"])]) == nil)
    }

    @Test("is refused when it has no tasks or too many")
    func counts() {
        #expect(refusal([]) == "The plan has no tasks.")
        #expect(
            refusal([task("a"), task("b"), task("c"), task("d")])
                == "The plan has 4 tasks; the workflow allows 3.")
    }

    @Test(
        "is refused when an id would not be safe in a branch name or a path",
        arguments: [
            "", "A", "a b", "-a", "a-", "a/b", "..", "ä", "a.b", "a\n", String(repeating: "a", count: 41),
        ])
    func ids(id: String) {
        #expect(
            refusal([task(id)])
                == "The plan names a task \(String(reflecting: String(id.prefix(60)))), "
                + "which is not up to 40 lower-case letters, digits and inner hyphens."
        )
    }

    @Test("is refused when two tasks have one id, or one waits for a task that is not there")
    func names() {
        #expect(refusal([task("a"), task("a")]) == "The plan names task a twice.")
        #expect(
            refusal([task("a", after: ["z"])])
                == "The plan's task a depends on \"z\", which is not in the plan.")
    }

    @Test("is refused when tasks wait for each other, and the circle is shown")
    func cycles() {
        #expect(
            refusal([task("a", after: ["c"]), task("b", after: ["a"]), task("c", after: ["b"])])
                == "The plan's tasks wait for each other: a → c → b → a.")
        #expect(refusal([task("a", after: ["a"])]) == "The plan's tasks wait for each other: a → a.")
    }

    @Test("is refused when a text is endless")
    func lengths() {
        #expect(
            refusal([task("a", title: String(repeating: "x", count: Plan.textLengthMax + 1))])
                == "The plan's task a has a title longer than 20000 characters.")
        #expect(refusal([task("a", title: String(repeating: "x", count: Plan.textLengthMax))]) == nil)
    }

    @Test("shows which tasks mean to touch the same files")
    func overlaps() {
        let plan = Plan(
            summary: "",
            tasks: [
                task("a", scope: ["src/api/*.py"]), task("b", scope: ["src/api/limits.py", "docs"]),
                task("c", scope: ["docs/"]), task("d", scope: ["src/apix.py"]), task("e"),
            ])
        #expect(
            plan.overlappingScopes().map { "\($0.0) \($0.1) \($0.path)" } == ["a b src/api/*.py", "b c docs"])
    }
}
