import Configuration
import Policies
import Testing
import Vocabulary

@Suite("A policy file") struct PolicyLoaderTests {
    static let good = """
        version: 1
        policies:
          - name: push-after-install
            on: [push]
            when: worktree.packages_installed.size() > 0
            then: ask
            reason: "Installed ${{ worktree.packages_installed[0].name }} before pushing"
            do: Vendor it.
            examples:
              - given: { worktree: { packages_installed: [{ name: left-pad }] } }
                expect: ask
              - given: {}
                expect: pass
          - name: loud-network
            on: network
            when: '!(request.host in ["pypi.org", "files.pythonhosted.org"])'
            then: deny
        """

    private func load(_ text: String, level: PolicySource.Level = .user) throws -> PolicySet {
        try PolicyLoader.load([PolicySource(level: level, file: "p.yaml", text: text)])
    }

    @Test("becomes policies that decide with its reason, place and advice")
    func reads() throws {
        let set = try load(Self.good)
        var worktree = WorktreeFacts()
        worktree.packagesInstalled = [.init(name: "left-pad")]
        let push = ActionRequest.push(
            Delta(entries: [], digest: Digest("")), remote: "origin", target: "main")
        #expect(
            set.evaluate(push, facts: PolicyFacts(worktree))
                == Evaluation(
                    decision: .ask,
                    matched: [
                        RuleMatch(
                            rule: "push-after-install", decision: .ask,
                            reason: "Installed left-pad before pushing",
                            source: SourcePosition(file: "p.yaml", line: 3, column: 5), instead: "Vendor it.")
                    ]))
        let network = ActionRequest.network(method: "GET", host: "evil.example", port: 443, path: "/")
        #expect(
            set.evaluate(network, facts: .none).reasons == [
                "Policy loud-network applies because "
                    + #"!(request.host in ["pypi.org", "files.pythonhosted.org"]) holds."#
            ])
    }

    @Test("is in force beside those of every other level, and the strictest wins")
    func levels() throws {
        func policy(_ name: String, _ then: String) -> String {
            "version: 1\npolicies:\n  - { name: \(name), on: push, then: \(then) }\n"
        }
        let organisation = SourceFolder.memory([
            "policies/a.yaml": policy("org", "allow"), "policies/README": "x",
        ])
        let user = SourceFolder.memory(["policies/b.yml": policy("mine", "ask")])
        let repository = SourceFolder.memory([
            ".graftwork/policies/c.yaml": policy("repo", "deny"), "policies/d.yaml": ":",
        ])
        let sources = try PolicyLoader.sources(organisation: organisation, user: user, repository: repository)
        #expect(sources.map(\.level) == [.organisation, .user, .repository])
        #expect(sources.map(\.file) == ["policies/a.yaml", "policies/b.yml", ".graftwork/policies/c.yaml"])
        let set = try PolicyLoader.load(sources)
        let push = ActionRequest(kind: .push, fields: PolicyVariables.defaults(of: .push))
        let evaluation = set.evaluate(push, facts: .none)
        #expect(evaluation.decision == .deny)
        #expect(evaluation.matched.map(\.rule) == ["org", "mine", "repo"])
    }

    @Test("is an error when it cannot be read or vanishes, never the same as none")
    func unreadable() {
        struct Broken: Error, CustomStringConvertible { var description: String { "bad block" } }
        let broken = SourceFolder(read: { _ in throw Broken() }, list: { _ in ["a.yaml"] })
        let vanished = SourceFolder(read: { _ in nil }, list: { _ in ["a.yaml"] })
        let unlistable = SourceFolder(read: { _ in nil }, list: { _ in throw Broken() })
        func refusal(_ user: SourceFolder) -> String? {
            words { _ = try PolicyLoader.sources(organisation: .none, user: user, repository: .none) }
        }
        #expect(refusal(broken) == "policies/a.yaml cannot be read: bad block.")
        #expect(refusal(vanished) == "policies/a.yaml cannot be read: it vanished while it was read.")
        #expect(refusal(unlistable) == "policies cannot be read: bad block.")
        #expect(words { _ = try load("") } == "p.yaml:1:1: the file holds no document.")
        #expect(
            words { _ = try load("version: 1\npolicies:\n") }
                == "p.yaml:1:1: the policy file lacks the key \"policies\".")
        #expect(words { _ = try load("version: 1\npolicies: []\n") } == nil)
    }

    @Test("is refused whole when one of its examples does not hold, and the example is quoted")
    func examples() {
        let hint =
            """
             Correct the example or the policy; until then the file is not in force and what it \
            governs stops.
            """
        #expect(
            words { _ = try load(text(Self.good, replacing: "expect: ask", with: "expect: deny")) }
                == """
                p.yaml:10:9: an example of policy push-after-install does not hold: \
                given { worktree: { packages_installed: [{ name: "left-pad" }] } } expect deny yields ask.
                """ + hint)
        #expect(
            words { _ = try load(text(Self.good, replacing: "expect: pass", with: "expect: ask")) }
                == """
                p.yaml:12:9: an example of policy push-after-install does not hold: given {} expect \
                ask yields pass.
                """
                + hint)
        #expect(
            words { _ = try load(text(Self.good, replacing: "size() > 0", with: "size() > 'x'")) }
                == """
                p.yaml:10:9: an example of policy push-after-install does not hold: \
                given { worktree: { packages_installed: [{ name: "left-pad" }] } } expect ask \
                yields an error (> is not defined for int and string.).
                """ + hint)
    }

    @Test(
        "is refused with place and hint when something in it is wrong",
        arguments: [
            (
                "policies:", "polices:",
                "p.yaml:2:1: the policy file has no key \"polices\". Did you mean \"policies\"?"
            ),
            ("version: 1\n", "", "p.yaml:1:1: the policy file lacks the key \"version\"."),
            (
                "name: push-after-install", "nam: x",
                "p.yaml:3:5: a policy has no key \"nam\". Did you mean \"name\"?"
            ),
            (
                "name: loud-network", "name: push-after-install",
                "p.yaml:14:5: there are two policies named \"push-after-install\"."
            ),
            (
                "name: loud-network", "name: a b",
                "p.yaml:14:11: \"a b\" is no name of a policy: up to 40 letters, digits, - and _."
            ),
            ("    on: [push]\n", "", "p.yaml:3:5: a policy lacks the key \"on\"."),
            (
                "on: [push]", "on: [pusch]",
                "p.yaml:4:10: there is no action \"pusch\". Did you mean \"push\"?"
            ),
            ("on: [push]", "on: [push, push]", "p.yaml:4:16: there are two actions named \"push\"."),
            ("on: [push]", "on: []", "p.yaml:4:9: \"on\" names no action."),
            ("then: ask", "then: aks", "p.yaml:6:11: there is no decision \"aks\". Did you mean \"ask\"?"),
            (
                "then: ask", "then: { allow: true, add: { risk: 10 } }",
                """
                p.yaml:6:11: "then" with state changes is not supported yet by this version. Write \
                allow, ask or deny.
                """
            ),
            ("    then: ask\n", "", "p.yaml:3:5: a policy lacks the key \"then\"."),
            (
                "when: worktree.packages_installed.size() > 0", "when:",
                "p.yaml:3:5: a policy lacks the key \"when\"."
            ),
            (
                "when: worktree.packages_installed.size() > 0", "when: [a]",
                "p.yaml:5:11: \"when\" must be a condition."
            ),
            (
                "packages_installed.size() > 0", "packages.size() > 0",
                """
                p.yaml:5:20: there is no fact of a worktree "packages". Known are: asks, checks, \
                collisions, commands, counters, denials, files_changed, hosts_contacted, labels, \
                packages_installed, secrets_used, snapshots, spend, tokens, tool_calls, verdicts.
                """
            ),
            (
                "worktree.packages_installed.size() > 0", "worktre.packages_installed.size() > 0",
                "p.yaml:5:11: there is no value \"worktre\". Did you mean \"worktree\"?"
            ),
            (
                "worktree.packages_installed.size() > 0", "action.host == ''",
                """
                p.yaml:5:18: there is no field of push "host". Known are: added_lines, files, lines, \
                modes, paths, remote, removed_lines, target.
                """
            ),
            (
                "worktree.packages_installed.size() > 0", "run.spend + 1 > 2",
                """
                p.yaml:5:21: + is not supported yet. Conditions may use field paths, literals, == != < \
                <= > >=, &&, ||, !, in and size().
                """
            ),
            (
                "worktree.packages_installed.size() > 0", "run.spend > 2 &&",
                "p.yaml:5:27: the end does not belong here."
            ),
            (
                "request.host in", "request.hots in",
                "p.yaml:16:22: there is no field of network \"hots\". Did you mean \"host\"?"
            ),
            (
                "[0].name }}", "[0].map(p) }}",
                """
                p.yaml:7:59: map() is not supported yet. Conditions may use field paths, literals, == \
                != < <= > >=, &&, ||, !, in and size().
                """
            ),
            (
                "${{ worktree.packages_installed[0]", "${{ worktree.package_installed[0]",
                """
                p.yaml:7:37: there is no fact of a worktree "package_installed". Did you mean \
                "packages_installed"?
                """
            ),
            ("before pushing\"", "before ${{ pushing\"", "p.yaml:7:74: ${{ is not closed by }}."),
            (
                "do: Vendor it.", "use: budget",
                "p.yaml:8:5: \"use\" in a policy is not supported yet by this version."
            ),
            (
                "do: Vendor it.", "approvers: [owner]",
                "p.yaml:8:5: \"approvers\" in a policy is not supported yet by this version."
            ),
            (
                "do: Vendor it.", "expires: 24h",
                "p.yaml:8:5: \"expires\" in a policy is not supported yet by this version."
            ),
            (
                "do: Vendor it.", "with: {}",
                "p.yaml:8:5: \"with\" in a policy is not supported yet by this version."
            ),
            (
                "do: Vendor it.", "add: {}",
                "p.yaml:8:5: \"add\" in a policy is not supported yet by this version."
            ),
            ("given: {}", "givn: {}", "p.yaml:12:9: an example has no key \"givn\". Did you mean \"given\"?"),
            (
                "given: {}", "given: { worktre: {} }",
                "p.yaml:12:18: given has no key \"worktre\". Did you mean \"worktree\"?"
            ),
            (
                "given: {}", "given: { worktree: { spent: 1 } }",
                "p.yaml:12:30: worktree has no key \"spent\". Did you mean \"spend\"?"
            ),
            (
                "expect: pass", "expect: past",
                "p.yaml:13:17: there is no expectation \"past\". Did you mean \"pass\"?"
            ),
            ("on: network", "on: { a: b }", "p.yaml:15:9: \"on\" must be a text or a list of texts."),
        ])
    func refuses(old: String, new: String, message: String) {
        let spoiled = text(Self.good, replacing: old, with: new)
        #expect(words { _ = try load(spoiled) } == message)
    }

    @Test("has a condition of several lines placed at its start")
    func blockCondition() {
        let spoiled = text(
            Self.good, replacing: "when: worktree.packages_installed.size() > 0",
            with: "when: |\n      run.spend > 1 &&\n      run.spend * 2 > 1")
        #expect(
            words { _ = try load(spoiled) }
                == """
                p.yaml:5:11: * is not supported yet. Conditions may use field paths, literals, == != < \
                <= > >=, &&, ||, !, in and size().
                """
        )
    }

    @Test("is shipped as a starter whose examples hold")
    func starter() throws {
        let starter = try #require(try ShippedFiles.templates.read("policies/starter.yaml"))
        let set = try PolicyLoader.load([
            PolicySource(level: .repository, file: "starter.yaml", text: starter)
        ])
        #expect(set.policies.count == 4)
        #expect(set.policies.allSatisfy { !$0.examples.isEmpty })
    }
}
