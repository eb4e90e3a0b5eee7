import Expressions
import Policies
import Testing
import Vocabulary

@Suite("The policies in force") struct PolicySetTests {
    private func policy(
        _ name: String, on: [ActionKind] = [.tool], when: String? = nil, then: Decision,
        reason: String? = nil,
        level: PolicySource.Level = .user, line: Int = 1
    ) throws -> Policy {
        Policy(
            name: name, on: on, when: try when.map { try ParsedExpression($0) }, then: then,
            reason: try reason.map { try InterpolatedText($0) },
            source: SourcePosition(file: "\(level.rawValue).yaml", line: line, column: 5), level: level)
    }

    private let curl = ActionRequest.tool(
        ToolCall(
            id: ToolCallID("1"), kind: .shell, rawName: "Bash", command: "curl x",
            input: ["command": "curl x"]))

    private func match(
        _ name: String, _ decision: Decision, _ reason: String, level: PolicySource.Level = .user,
        line: Int = 1
    ) -> RuleMatch {
        RuleMatch(
            rule: name, decision: decision, reason: reason,
            source: SourcePosition(file: "\(level.rawValue).yaml", line: line, column: 5))
    }

    @Test("let the strictest win and list every match with its source, from the highest level down")
    func strictest() throws {
        let set = PolicySet([
            try policy("c", then: .allow, reason: "fine", level: .run),
            try policy("b", then: .deny, reason: "no ${{ action.command }}", level: .repository),
            try policy("a", when: "action.tool == 'shell'", then: .ask, level: .organisation),
            try policy("other", on: [.push], then: .deny),
            try policy("no match", when: "action.tool == 'edit'", then: .deny),
        ])
        #expect(
            set.evaluate(curl, facts: .none)
                == Evaluation(
                    decision: .deny,
                    matched: [
                        match(
                            "a", .ask, "Policy a applies because action.tool == 'shell' holds.",
                            level: .organisation),
                        match("b", .deny, "no curl x", level: .repository),
                        match("c", .allow, "fine", level: .run),
                    ]))
    }

    @Test("read the facts of worktree and run")
    func facts() throws {
        let set = PolicySet([
            try policy(
                "push-after-install", on: [.push], when: "worktree.packages_installed.size() > 0", then: .ask,
                reason: "Installed ${{ worktree.packages_installed[0].name }} before pushing"),
            try policy("open", on: [.push], when: "run.rehearsed == false", then: .allow, reason: "open"),
        ])
        let push = ActionRequest.push(
            Delta(entries: [], digest: Digest("d")), remote: "origin", target: "main")
        var worktree = WorktreeFacts()
        #expect(set.evaluate(push, facts: PolicyFacts(worktree)).decision == .allow)
        worktree.packagesInstalled = [.init(name: "left-pad")]
        #expect(
            set.evaluate(push, facts: PolicyFacts(worktree))
                == Evaluation(
                    decision: .ask,
                    matched: [
                        match("open", .allow, "open"),
                        match("push-after-install", .ask, "Installed left-pad before pushing"),
                    ]))
    }

    @Test("turn an evaluation error into a deny with the reason")
    func errorIsDeny() throws {
        let set = PolicySet([try policy("p", when: "action.input.path == 'x'", then: .allow)])
        #expect(
            set.evaluate(curl, facts: .none)
                == Evaluation(
                    decision: .deny,
                    matched: [
                        match(
                            "p", .deny,
                            """
                            Policy p could not be evaluated, which counts as a deny: There is no field \
                            "path".
                            """
                        )
                    ]))
        let noAnswer = PolicySet([try policy("p", when: "action.command", then: .ask)])
        #expect(
            noAnswer.evaluate(curl, facts: .none).reasons == [
                """
                Policy p could not be evaluated, which counts as a deny: The condition is a string, \
                not true or false.
                """
            ])
    }

    @Test("keep their decision when only the reason cannot be worded")
    func poorReason() throws {
        let set = PolicySet([try policy("p", then: .ask, reason: "because ${{ action.nothing }}")])
        #expect(
            set.evaluate(curl, facts: .none).matched == [
                match("p", .ask, "because ${{ action.nothing }} (There is no field \"nothing\".)")
            ])
    }

    @Test("leave an action to its default when none matches", arguments: ActionKind.allCases)
    func defaults(kind: ActionKind) {
        let action = ActionRequest(kind: kind, fields: PolicyVariables.defaults(of: kind))
        let evaluation = PolicySet([]).evaluate(action, facts: .none, invariants: [])
        #expect(evaluation.decision == (kind == .push || kind == .network ? .deny : .allow))
        #expect(evaluation.matched.map(\.rule) == ["built-in: default"])
    }

    @Test(
        "open network, push and land only from organisation, user and run",
        arguments: PolicySource.Level.allCases)
    func mayOpen(level: PolicySource.Level) throws {
        let opens = [.builtIn, .organisation, .user, .run].contains(level)
        for kind in [ActionKind.network, .push] {
            let set = PolicySet([try policy("open", on: [kind], then: .allow, reason: "mine", level: level)])
            let evaluation = set.evaluate(
                ActionRequest(kind: kind, fields: PolicyVariables.defaults(of: kind)), facts: .none)
            #expect(evaluation.decision == (opens ? .allow : .deny), "\(kind)")
            #expect(evaluation.matched.count == (opens ? 1 : 2), "\(kind)")
            if !opens {
                #expect(
                    evaluation.matched[0].reason
                        == "mine (Does not count: only organisation, user and run may allow it.)"
                )
            }
        }
    }

    @Test("never let a landing through whose invariants were not checked, or do not hold")
    func landing() throws {
        let land = ActionRequest(kind: .land, fields: PolicyVariables.defaults(of: .land))
        let generous = PolicySet([
            try policy("all", on: [.land], then: .allow, reason: "yes", level: .organisation)
        ])
        let unchecked = generous.evaluate(land, facts: .none)
        #expect(unchecked.decision == .deny)
        #expect(unchecked.reasons == ["The invariants of a landing were not checked."])
        let denial = RuleMatch(rule: "built-in: checks", decision: .deny, reason: "No.")
        #expect(generous.evaluate(land, facts: .none, invariants: [denial]).decision == .deny)
        #expect(generous.evaluate(land, facts: .none, invariants: []).decision == .allow)
        let careful = PolicySet([try policy("ask", on: [.land], then: .ask)])
        #expect(careful.evaluate(land, facts: .none, invariants: []).decision == .ask)
    }

    @Test("have one canonical text whatever the order and place of the files, and another for any other rule")
    func canonicalText() throws {
        let a = try policy("a", on: [.push, .land], when: "run.rehearsed", then: .deny, reason: "r", line: 1)
        let b = try policy("b", then: .ask, line: 9)
        var moved = a
        moved.source = SourcePosition(file: "elsewhere.yaml", line: 80, column: 1)
        moved.on = [.land, .push]
        #expect(PolicySet([a, b]).canonicalText == PolicySet([b, moved]).canonicalText)
        #expect(
            PolicySet([a]).canonicalText == """
                graftwork policies 1
                level user policy "a" on land,push when "run.rehearsed" then deny reason "r" do none \
                approvers []

                """)
        var other = a
        other.then = .ask
        #expect(PolicySet([a]).canonicalText != PolicySet([other]).canonicalText)
        other = a
        other.level = .repository
        #expect(PolicySet([a]).canonicalText != PolicySet([other]).canonicalText)
    }

    @Test("know every name a condition may read, per action")
    func names() throws {
        func unknown(_ text: String, on kinds: [ActionKind]) throws -> PolicyVariables.UnknownName? {
            PolicyVariables.unknownName(in: try ParsedExpression(text), on: kinds)
        }
        #expect(
            try unknown("action.command == '' && worktree.tokens > 1 && run.id == ''", on: [.tool, .exec])
                == nil)
        #expect(try unknown("request.host in ['pypi.org']", on: [.network]) == nil)
        #expect(
            try unknown("true || actoin.host == ''", on: [.network])
                == .init(
                    name: "actoin", variable: nil, offset: 8, known: ["action", "worktree", "run", "request"])
        )
        #expect(
            try unknown("action.comand == ''", on: [.exec])
                == .init(name: "comand", variable: "action", offset: 7, known: ["argv", "command", "path"]))
        #expect(
            try unknown("action.argv == []", on: [.tool, .exec])
                == .init(name: "argv", variable: "action", offset: 7, known: ["command"]))
        #expect(try unknown("run.goals == ''", on: [.push])?.variable == "run")
    }

    @Test("hold examples against facts where nothing else has happened")
    func examples() throws {
        var p = try policy("p", on: [.push], when: "worktree.packages_installed.size() > 0", then: .ask)
        let source = SourcePosition(file: "user.yaml", line: 9, column: 9)
        let installed = PolicyExample(
            worktree: ["packages_installed": [["name": "left-pad"]]], expect: .decision(.ask), source: source)
        #expect(try p.outcome(of: installed).get() == .decision(.ask))
        #expect(try p.outcome(of: PolicyExample(expect: .pass, source: source)).get() == .pass)
        p.when = try ParsedExpression("action.target > 1")
        #expect(
            p.outcome(of: PolicyExample(expect: .pass, source: source))
                == .failure(.noSuchOperation(operation: ">", types: ["string", "int"])))
    }
}
