import ChildProcess
import Fixtures
import Linux
import SandboxScene

extension AttackArea {
    static let git = AttackArea(
        name: "git", needsRepository: true, attacks: pointer + lookingIn + changing + planting)

    private static let commits = """
        sh('cd %s && git commit --quiet --allow-empty --message own' % tree)
        """

    /// In this order: without the protection each leaves the pointer so that the next finds it.
    private static let pointer: [Attack] = [
        ("adds to the pointer to its git directory", "EROFS", "open(tree + '/.git', 'a').write('')"),
        ("changes the mode of the pointer", "EROFS", "os.chmod(tree + '/.git', 0o666)"),
        (
            "puts another file in the place of the pointer", "EBUSY",
            """
            text = open(tree + '/.git').read(); open(tree + '/evil', 'w').write(text)
            os.rename(tree + '/evil', tree + '/.git')
            """
        ),
        (
            "moves the pointer away", "EBUSY",
            """
            os.rename(tree + '/.git', tree + '/away'); os.rename(tree + '/away', tree + '/.git')
            """
        ),
        ("removes the pointer", "EBUSY", "os.unlink(tree + '/.git')"),
    ].map { name, refusal, tries in
        Attack(
            name, stoppedBy: [.pointerOverDotGit], refusal: refusal, tries: tries,
            neighbour: "sh('cd %s && git rev-parse --git-dir' % tree)")
    }

    private static func looks(_ name: String, _ script: String) -> Attack {
        Attack(
            name, stoppedBy: [.ownGitDirectory],
            refusal: "not there", "invalid object name", "Not a valid", "unknown revision", "not a valid",
            "bad revision",
            tries: "if not sh('cd %s && ' % tree + '\(script)'): refused('not there')", neighbour: commits)
    }

    private static let lookingIn: [Attack] = [
        looks("reads a branch that is not its own", "git show private-branch:private.txt"),
        looks("lists the branches of the repository", "git branch --list private-branch"),
        looks("reads the stash", "git show stash@{0}"),
        looks("reads a remote's address with its token", "git config remote.origin.url || true"),
        looks("reads the reflog of main", "git log --walk-reflogs main --format=%gs"),
        looks(
            "finds commits that no branch of its own reaches",
            "git rev-list --all --count --grep=\"private work\" | grep -v ^0 || true"),
    ]

    /// All of this may succeed inside; it is the user's repository that must not notice.
    private static func changes(
        _ name: String, _ script: String, run marker: String = "",
        unshown: String? = nil,
        seen: @escaping @Sendable (TestRepository) async throws -> Bool
    ) -> Attack {
        Attack(
            name, stoppedBy: [.ownGitDirectory],
            tries: """
                script = '''cd %s\n''' % tree + '''\(script)\n'''
                sh(script.replace('RUN', 'touch %s/\(marker)' % outside))
                """,
            neighbour: commits, unshown: unshown,
            harm: { ground in
                guard let repository = ground.repository else { throw SceneFailure("no repository") }
                return try await seen(repository)
            })
    }

    private static func holds(_ reference: String) -> @Sendable (TestRepository) async throws -> Bool {
        { try await $0.tryGit(["rev-parse", "--verify", "--quiet", reference]).isSuccess }
    }

    private static func lacks(_ reference: String) -> @Sendable (TestRepository) async throws -> Bool {
        { try await !$0.tryGit(["rev-parse", "--verify", "--quiet", reference]).isSuccess }
    }

    private static func hasFile(_ name: String) -> @Sendable (TestRepository) async throws -> Bool {
        { Files.exists("\($0.path)/.git/\(name)") }
    }

    private static let changing: [Attack] = [
        changes(
            "moves the branch that others build on",
            "git update-ref refs/heads/main $(git commit-tree -m evil HEAD^{tree})",
            seen: { try await $0.subjects("main") == ["evil"] }),
        changes("adds a tag that looks like a release", "git tag v99", seen: holds("refs/tags/v99")),
        changes(
            "replaces a commit by another without changing its name",
            "git replace HEAD $(git commit-tree -m replaced HEAD^{tree})",
            seen: { try await !$0.git("replace", "--list").isEmpty }),
        changes(
            "makes notes that the user's git shows", "git notes add -m 'approved by all' HEAD",
            seen: holds("refs/notes/commits")),
        changes("drops the user's stash", "git update-ref -d refs/stash", seen: lacks("refs/stash")),
        changes(
            "deletes another branch", "git update-ref -d refs/heads/private-branch",
            seen: lacks("refs/heads/private-branch")),
        changes(
            "borrows objects from a place of its own",
            "echo /tmp/evil >> $(git rev-parse --git-common-dir)/objects/info/alternates",
            seen: hasFile("objects/info/alternates")),
        changes(
            "adds objects to the user's", "echo evil object | git hash-object -w --stdin",
            seen: {
                try await $0.tryGit(["cat-file", "-e", "bbf547ba29f3bb59199c888fa2252076cc23e5f3"]).isSuccess
            }),
        changes(
            "stages a file in the index that the user commits", "echo x > staged; git add staged",
            seen: { try await $0.git("ls-files", "staged", at: $0.folder.path("worktree")) == "staged" }),
        changes(
            "registers a worktree", "git worktree add --quiet --detach /tmp/another HEAD",
            seen: { try await $0.git("worktree", "list").contains("/tmp/another") }),
        changes(
            "locks a reference against the user",
            "mkdir -p $(git rev-parse --git-common-dir)/refs/tags; "
                + "touch $(git rev-parse --git-common-dir)/refs/tags/next.lock",
            seen: hasFile("refs/tags/next.lock")),
        changes(
            "ignores the user's files for him",
            "mkdir -p $(git rev-parse --git-common-dir)/info; "
                + "echo '*.evil' >> $(git rev-parse --git-common-dir)/info/exclude",
            seen: { try $0.folder.read("repository/.git/info/exclude").contains("*.evil") }),
        changes(
            "checks out main in its worktree's place", "git symbolic-ref HEAD refs/heads/main",
            seen: { try $0.folder.read("repository/.git/worktrees/worktree/HEAD").contains("main") }),
    ]

    /// The host's git is used as a person or the server would, and runs nothing of the agent's.
    private static func plants(_ name: String, _ marker: String, _ script: String, then command: String...)
        -> Attack
    {
        changes(
            name, script, run: marker,
            seen: { repository in
                _ = try await repository.tryGit(command, at: repository.folder.path("worktree"))
                return Files.exists(repository.folder.path(marker))
            })
    }

    private static let planting: [Attack] = [
        plants(
            "plants a hook", "ran-hook",
            """
            hook=$(git rev-parse --git-common-dir)/hooks/post-commit; mkdir -p ${hook%/*}
            printf '#!/bin/sh\\\\nRUN\\\\n' > $hook; chmod +x $hook
            """, then: "commit", "--quiet", "--allow-empty", "--message", "the user's"),
        plants(
            "plants a monitor of files", "ran-monitor", "git config core.fsmonitor 'RUN; false'",
            then: "status"),
        plants("plants an alias", "ran-alias", "git config alias.st '!RUN'", then: "st"),
        plants(
            "plants a configuration by inclusion", "ran-inclusion",
            """
            printf '[alias]\\\\n\\\\tincluded = \\"!RUN\\"\\\\n' > included.cfg
            git config include.path $PWD/included.cfg
            """, then: "included"),
        plants(
            "plants a filter that runs when a file is added", "ran-filter",
            """
            echo 'filtered filter=evil' > .gitattributes; echo x > filtered
            git config filter.evil.clean 'RUN; cat'
            """, then: "add", "filtered"),
        plants(
            "plants a program that shows differences", "ran-difference",
            "echo x >> README; git config diff.external 'RUN'", then: "diff", "--ext-diff"),
        plants(
            "plants a converter of text", "ran-converter",
            """
            echo 'src/* diff=evil' >> .git-attributes; echo y >> src/a.txt
            git config core.attributesFile $PWD/.git-attributes; git config diff.evil.textconv 'RUN; cat'
            """, then: "diff", "--no-ext-diff", "--textconv"),
        plants(
            "plants a program that reaches remotes", "ran-ssh", "git config core.sshCommand 'RUN; false'",
            then: "fetch", "ssh://example.invalid/repository.git"),
        changes(
            "plants a submodule that is updated by a command",
            """
            printf '[submodule \"sub\"]\\n\\tpath = sub\\n\\turl = ./.\\n\\tupdate = !RUN\\n' > .gitmodules
            git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub
            """, run: "ran-submodule",
            unshown: """
                git itself refuses a command in that file; what it would take from its configuration is what \
                the other attacks plant there
                """,
            seen: { repository in
                _ = try await repository.tryGit(
                    ["submodule", "update", "--init"], at: repository.folder.path("worktree"))
                return Files.exists(repository.folder.path("ran-submodule"))
            }),
        plants(
            "plants an editor", "ran-editor", "git config core.editor 'RUN; true'",
            then: "commit", "--quiet", "--allow-empty"),
    ]
}
