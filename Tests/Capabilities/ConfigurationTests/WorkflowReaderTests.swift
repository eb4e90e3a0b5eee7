import Configuration
import Testing
import Vocabulary
import Workflows

@Suite("A workflow file") struct WorkflowReaderTests {
    static let good = """
        version: 1
        name: feature
        inputs:
          goal: { type: string, required: true, description: What to build }
        agents:
          planner: { harness: claude, model: opus }
          builder: { harness: codex }
          reviewer: { vendor: other }
        budget: { stop-at-usd: 15 }
        jobs:
          plan:
            plan: { agent: planner, goal: "${{ inputs.goal }}", max-tasks: 6 }
            approval: { by: owner, unless: "${{ plan.tasks.size() <= 2 }}" }
          build:
            needs: plan
            for-each: ${{ jobs.plan.tasks }}
            strategy: { max-parallel: 3, fail-fast: false }
            timeout-minutes: 30
            retry: { max: 2 }
            author: { agents: [builder, builder], template: implement }
            check: [{ name: tests, run: npm test, require-tests: 1 }]
            review: { agent: reviewer, rounds: 3 }
            on-failure: { send-back: 1, then: ask }
          land:
            needs: [build]
            land: { into: main, strategy: squash, queue: true }
        """

    @Test("becomes the workflow it describes")
    func reads() throws {
        #expect(
            try WorkflowReader.workflow(text: Self.good, file: "w.yaml")
                == Workflow(
                    name: "feature", description: "",
                    inputs: [.init(name: "goal", isRequired: true, description: "What to build")],
                    agents: [
                        .init(name: AgentName("planner"), harness: .claude, model: "opus"),
                        .init(name: AgentName("builder"), harness: .codex),
                        .init(name: AgentName("reviewer"), vendor: .other),
                    ], budget: .init(stopAt: Money(dollars: 15)),
                    jobs: [
                        .init(
                            name: "plan", needs: [],
                            verb: .plan(
                                .init(
                                    agent: AgentName("planner"), template: "plan", maxTasks: 6,
                                    approvalAboveTasks: 2))),
                        .init(
                            name: "build", needs: ["plan"],
                            verb: .author(
                                .init(
                                    agents: [AgentName("builder"), AgentName("builder")],
                                    template: "implement",
                                    maxParallel: 3, timeoutMinutes: 30, retryMax: 2,
                                    checks: [
                                        CheckDefinition(
                                            name: "tests", command: .script("npm test"), requireTests: 1,
                                            timeoutSeconds: 900, origin: "w.yaml")
                                    ],
                                    review: .init(
                                        agent: AgentName("reviewer"), template: "review", rounds: 3),
                                    sendBackMax: 1))),
                        .init(name: "land", needs: ["build"], verb: .land(.init(into: "main"))),
                    ]))
    }

    @Test("is asked about every plan when the approval has no `unless`")
    func approvalAlways() throws {
        let workflow = try WorkflowReader.workflow(
            text: text(Self.good, replacing: #", unless: "${{ plan.tasks.size() <= 2 }}""#, with: ""),
            file: "w.yaml")
        #expect(workflow.planJob?.approvalAboveTasks == 0)
    }

    @Test(
        "is refused with place and hint when something in it is wrong",
        arguments: [
            ("version: 1", "version: 2", "w.yaml:1:1: \"version\" is 2; this program reads version 1."),
            ("version: 1\n", "", "w.yaml:1:1: the workflow lacks the key \"version\"."),
            (
                "agents:", "agnets:",
                "w.yaml:5:1: the workflow has no key \"agnets\". Did you mean \"agents\"?"
            ),
            (
                "name: feature", "name: a/b",
                "w.yaml:2:7: \"a/b\" is no name of a workflow: up to 40 letters, digits, - and _."
            ),
            ("name: feature\n", "", "w.yaml:1:1: the workflow lacks the key \"name\"."),
            (
                "inputs:\n", "worktree: { base: main }\ninputs:\n",
                "w.yaml:3:13: \"base\" in worktree is not supported yet by this version."
            ),
            (
                "goal: { type", "aim: { type",
                "w.yaml:4:3: an input other than \"goal\" is not supported yet by this version."
            ),
            (
                "type: string", "type: number",
                "w.yaml:4:11: an input of type \"number\" is not supported yet by this version."
            ),
            ("required: true", "required: yes", "w.yaml:4:35: \"required\" must be true or false."),
            (
                "harness: codex", "harness: codx",
                "w.yaml:7:23: there is no harness \"codx\". Did you mean \"codex\"?"
            ),
            (
                "harness: codex", "prompt: x",
                "w.yaml:7:14: \"prompt\" in agent builder is not supported yet by this version."
            ),
            (
                "builder: { harness: codex }", "builder: codex",
                "w.yaml:7:12: \"agent builder\" must be a mapping."
            ),
            (
                "builder: {", "-b: {",
                "w.yaml:7:3: \"-b\" is no name of an agent: up to 40 letters, digits, - and _."
            ),
            (
                "stop-at-usd: 15", "stop-at-usd: 0",
                "w.yaml:9:24: \"stop-at-usd\" must be above 0 and at most 1000000."
            ),
            ("stop-at-usd: 15", "stop-at-usd: lots", "w.yaml:9:24: \"stop-at-usd\" must be a number."),
            (
                "stop-at-usd: 15", "pause-every-usd: 5",
                "w.yaml:9:11: \"pause-every-usd\" in budget is not supported yet by this version."
            ),
            ("max-tasks: 6", "max-tasks: six", "w.yaml:12:68: \"max-tasks\" must be a whole number."),
            (
                "max-tasks: 6", "max-tasks: 60",
                "w.yaml:11:3: Job plan sets max-tasks to 60; it may be 1 to 50."
            ),
            (
                "agent: planner", "agent: plannr",
                """
                w.yaml:11:3: Job plan names agent plannr, which the workflow does not define. Defined \
                are: planner, builder, reviewer.
                """
            ),
            (
                "${{ inputs.goal }}", "${{ inputs.aim }}",
                "w.yaml:12:35: a goal other than ${{ inputs.goal }} is not supported yet by this version."
            ),
            ("${{ inputs.goal }}", "Build it", "w.yaml:12:35: \"goal\" must be one expression ${{ … }}."),
            (
                "${{ inputs.goal }}", "${{ inputs.goal + 1 }}",
                """
                w.yaml:12:52: + is not supported yet. Conditions may use field paths, literals, == != \
                < <= > >=, &&, ||, !, in and size().
                """
            ),
            (
                "<= 2 }}", "< 2 }}",
                """
                w.yaml:13:36: an "unless" other than ${{ plan.tasks.size() <= NUMBER }} is not \
                supported yet by this version.
                """
            ),
            (
                "by: owner", "by: boss",
                "w.yaml:13:17: approval by anyone but the owner is not supported yet by this version."
            ),
            ("needs: plan", "needs: plam", "w.yaml:15:12: there is no job \"plam\". Did you mean \"plan\"?"),
            (
                "    needs: plan\n", "",
                "w.yaml:15:15: \"for-each\" reads job plan, which job build does not need."
            ),
            (
                "    needs: [build]", "    needs: [build, plan]",
                """
                w.yaml:24:3: Job land needs build, plan, not build alone. This version \
                runs one plan job, one author job that needs it, and one land job that needs that.
                """
            ),
            (
                "jobs.plan.tasks", "jobs.plan.files",
                """
                w.yaml:16:15: a "for-each" other than ${{ jobs.PLAN.tasks }} is not supported yet by \
                this version.
                """
            ),
            (
                "    for-each: ${{ jobs.plan.tasks }}\n", "",
                "w.yaml:15:5: job build lacks the key \"for-each\"."
            ),
            (
                "fail-fast: false", "fail-fast: true",
                "w.yaml:17:34: \"fail-fast: true\" is not supported yet by this version."
            ),
            (
                "max-parallel: 3", "matrix: {}",
                "w.yaml:17:17: \"matrix\" in strategy is not supported yet by this version."
            ),
            (
                "max-parallel: 3", "max-parallel: 65",
                "w.yaml:14:3: Job build sets max-parallel to 65; it may be 1 to 64."
            ),
            (
                "retry: { max: 2 }", "retry: { on: [crash] }",
                "w.yaml:19:14: \"on\" in retry is not supported yet by this version."
            ),
            ("agents: [builder, builder]", "agents: []", "w.yaml:14:3: Job build names no agent."),
            ("agents: [builder, builder]", "agents: builder", "w.yaml:20:23: \"agents\" must be a list."),
            (
                "agents: [builder, builder]", "agent: builder, agents: [builder]",
                "w.yaml:20:31: \"agents\" cannot stand beside \"agent\"."
            ),
            (
                "template: implement", "template: ../x",
                "w.yaml:20:53: \"../x\" is no name of a template: up to 40 letters, digits, - and _."
            ),
            (
                "template: implement", "template: \"${{ x }}\"",
                "w.yaml:20:53: an expression in \"template\" is not supported yet by this version."
            ),
            (
                "run: npm test", "run: npm test, argv: [npm]",
                "w.yaml:21:43: \"argv\" cannot stand beside \"run\"; a check is one of them."
            ),
            ("run: npm test, ", "", "w.yaml:21:13: a check lacks the key \"run\"."),
            ("run: npm test", "argv: []", "w.yaml:21:34: \"argv\" names no program."),
            ("require-tests: 1", "require-tests: -1", "w.yaml:21:58: \"require-tests\" may be 0 to 1000000."),
            ("require-tests: 1", "timeout-minutes: 0", "w.yaml:21:60: \"timeout-minutes\" may be 1 to 240."),
            (
                "    review: { agent: reviewer, rounds: 3 }\n", "",
                "w.yaml:15:5: job build lacks the key \"review\"."
            ),
            (
                "then: ask", "then: land",
                """
                w.yaml:23:33: "then" other than ask is not supported yet by this version. After the \
                last send-back a person decides.
                """
            ),
            (
                "strategy: squash", "strategy: rebase",
                "w.yaml:26:25: a landing strategy other than squash is not supported yet by this version."
            ),
            (
                "queue: true", "queue: false",
                "w.yaml:26:43: landing without the queue is not supported yet by this version."
            ),
            (
                "land: { into: main, strategy: squash, queue: true }", "push: { remote: origin }",
                """
                w.yaml:26:5: the verb "push" is not supported yet by this version. This version runs \
                plan, author and land; an author job carries its check and review.
                """
            ),
            (
                "land: { into: main, strategy: squash, queue: true }", "review: { agent: reviewer }",
                """
                w.yaml:26:5: the verb "review" is not supported yet by this version. This version runs \
                plan, author and land; an author job carries its check and review.
                """
            ),
            (
                "land: { into: main, strategy: squash, queue: true }", "if: true",
                "w.yaml:24:3: job land lacks the key \"plan\", \"author\" or \"land\"."
            ),
            (
                "    land: {", "    plan: { agent: planner }\n    land: {",
                "w.yaml:27:5: \"land\" cannot stand beside \"plan\"; a job has one verb."
            ),
            (
                "    land: {", "    if: ${{ true }}\n    land: {",
                "w.yaml:26:5: \"if\" in job land is not supported yet by this version."
            ),
            (
                "name: feature", "name: &f feature",
                "w.yaml:2:7: anchor &f is not allowed; write the value where it is used."
            ),
        ])
    func refuses(old: String, new: String, message: String) {
        let spoiled = text(Self.good, replacing: old, with: new)
        #expect(words { _ = try WorkflowReader.workflow(text: spoiled, file: "w.yaml") } == message)
    }

    @Test(
        "names each verb of a later version",
        arguments: ["run", "ask", "workflow", "check", "push", "approve"])
    func verbs(verb: String) {
        let spoiled = Self.good + "\n  more:\n    \(verb): x\n"
        #expect(
            words { _ = try WorkflowReader.workflow(text: spoiled, file: "w.yaml") }
                == """
                w.yaml:28:5: the verb "\(verb)" is not supported yet by this version. \
                This version runs plan, author and land; an author job carries its check and review.
                """)
    }
}

@Suite("A workflow's name") struct WorkflowLoaderTests {
    private func named(_ name: String) -> String {
        text(WorkflowReaderTests.good, replacing: "name: feature", with: "name: \(name)")
    }

    @Test("is looked up in the repository's tip, then in the user's folder, then among those shipped")
    func order() throws {
        let repository = SourceFolder.memory([".graftwork/workflows/a.yaml": named("repo")])
        let user = SourceFolder.memory(["workflows/a.yaml": named("user"), "workflows/b.yaml": named("user")])
        let shipped = SourceFolder.memory([
            "a.yaml": named("ship"), "b.yaml": named("ship"), "c.yaml": named("ship"),
        ])
        let found = try ["a", "b", "c"].map {
            try WorkflowLoader.load(named: $0, repository: repository, user: user, shipped: shipped)
        }
        #expect(found.map(\.workflow.name) == ["repo", "user", "ship"])
        #expect(found.map(\.file) == [".graftwork/workflows/a.yaml", "workflows/b.yaml", "c.yaml"])
        #expect(found[0].text == named("repo"))
    }

    @Test("that stands for nothing is answered with those that exist, and cannot lead out of the folders")
    func unknown() {
        let shipped = SourceFolder.memory(["feature.yaml": "", "fix.yaml": "", "README.md": ""])
        let user = SourceFolder.memory([
            "workflows/mine.yaml": "", "workflows/../feature.yaml": named("outside"),
        ])
        func lookUp(_ name: String) -> String? {
            words {
                _ = try WorkflowLoader.load(named: name, repository: .none, user: user, shipped: shipped)
            }
        }
        #expect(lookUp("feture") == "There is no workflow \"feture\". Did you mean \"feature\"?")
        #expect(lookUp("zzz") == "There is no workflow \"zzz\". Known are: feature, fix, mine.")
        #expect(lookUp("../feature") == "There is no workflow \"../feature\". Did you mean \"feature\"?")
        #expect(lookUp("") == "There is no workflow \"\". Known are: feature, fix, mine.")
        #expect(
            words { _ = try WorkflowLoader.load(named: "x", repository: .none, user: .none, shipped: .none) }
                == "There is no workflow \"x\". No workflow was found at all.")
        #expect(ConfigurationError(.unknownWorkflow(name: "x", known: [])).exitCode == .usage)
    }

    @Test("that cannot be read is an error, never a reason to take the next one")
    func unreadable() {
        struct Broken: Error, CustomStringConvertible { var description: String { "input/output error" } }
        let broken = SourceFolder(read: { _ in throw Broken() }, list: { _ in [] })
        let shipped = SourceFolder.memory(["a.yaml": named("ship")])
        #expect(
            words {
                _ = try WorkflowLoader.load(named: "a", repository: broken, user: .none, shipped: shipped)
            }
                == ".graftwork/workflows/a.yaml cannot be read: input/output error.")
    }

    @Test("feature is shipped: open agents, review by another vendor, no push")
    func feature() throws {
        let loaded = try WorkflowLoader.load(
            named: "feature", repository: .none, user: .none, shipped: ShippedFiles.workflows)
        #expect(loaded.workflow.jobs.map(\.name) == ["plan", "build", "land"])
        #expect(loaded.workflow.authorJob?.agents == [AgentName("builder"), AgentName("second")])
        #expect(loaded.workflow.slot(AgentName("reviewer"))?.vendor == .other)
        #expect(loaded.workflow.authorJob?.checks == [])
        #expect(loaded.workflow.planJob?.maxTasks == 8)
        #expect(loaded.workflow.budget.stopAt == Money(dollars: 15))
    }
}
