import ChildProcess
import Fixtures
import Linux
import SandboxScene

extension AttackArea {
    static let pushing = AttackArea(name: "pushing", needsRepository: true, attacks: tricks + elsewhere)

    /// Pushes HEAD to a branch named as the trick, by whatever way. `@git`, `@web` and `@path` are one
    /// repository of the host, by git's own protocol, by HTTP and by its path; `@to` is the branch.
    private static func pushes(
        _ branch: String, _ name: String, _ script: String, python: String = "", need: AttackNeed? = nil
    ) -> Attack {
        let shell = """
            ways = {'@git': 'git://127.0.0.1:%s/remote.git' % git_port, '@path': remote,
                '@web': 'http://127.0.0.1:%s/remote.git' % http_port, '@to': 'HEAD:refs/heads/\(branch)'}
            script = '''cd %s\n''' % tree + '''\(script)\n'''
            for name, way in ways.items(): script = script.replace(name, way)
            sh(script)
            """
        return Attack(
            name, stoppedBy: [.ownNetwork, .nothingUnnamed],
            tries: python.isEmpty ? shell : python,
            neighbour: """
                sh('git init -q --bare own.git; cd %s; git push -q $OLDPWD/own.git HEAD:refs/heads/x'
                    % tree)
                """, need: need,
            harm: { ground in
                guard let repository = ground.repository else { throw SceneFailure("no repository") }
                return try await repository.tryGit([
                    "--git-dir", ground.scene.folder.path(AttackGround.remote), "rev-parse", "--verify",
                    "--quiet", "refs/heads/\(branch)",
                ]).isSuccess
            })
    }

    private static let tricks: [Attack] =
        [
            pushes("git-protocol", "pushes by git's own protocol", "git push --quiet @git @to"),
            pushes("http", "pushes by HTTP", "git push --quiet @web @to"),
            pushes("path", "pushes by a path", "git push --quiet @path @to"),
            pushes("file", "pushes by a file's address", "git push --quiet file://@path @to"),
            pushes(
                "ext", "pushes by a transport that is any program",
                "git -c protocol.ext.allow=always push --quiet 'ext::git-receive-pack '\"@path\" @to"),
            pushes(
                "ssh", "pushes by an ssh of its own",
                """
                printf '#!/bin/sh\\\\nfor last; do :; done; exec sh -c "$last"\\\\n' > /tmp/ssh
                chmod +x /tmp/ssh
                GIT_SSH_VARIANT=simple GIT_SSH_COMMAND=/tmp/ssh git push --quiet ssh://somewhere@path @to
                """),
            pushes("alias", "pushes by an alias", "git config alias.tidy 'push --quiet'; git tidy @git @to"),
            pushes(
                "shell-alias", "pushes by an alias that is a shell",
                "git config alias.tidier '!git push --quiet @git @to'; git tidier"),
            pushes(
                "remote", "pushes to a remote it adds",
                "git remote add away @git; git push --quiet away @to"),
            pushes(
                "pushurl", "pushes to a harmless remote with another address for pushing",
                """
                git init --quiet --bare /tmp/harmless.git; git remote add mine /tmp/harmless.git
                git config remote.mine.pushurl "@git"; git push --quiet mine @to
                """),
            pushes(
                "instead", "pushes to a harmless address that means another",
                "git config url.\"@git\".insteadOf harmless:; git push --quiet harmless: @to"),
            pushes("send-pack", "pushes by the program behind push", "git send-pack --quiet @git @to"),
            pushes(
                "copied", "pushes by a copy of git under another name",
                "cp $(command -v git) /tmp/editor; /tmp/editor push --quiet @git @to; rm /tmp/editor"),
            pushes(
                "hook", "pushes by a hook of its own git directory",
                """
                hook=$(git rev-parse --git-common-dir)/hooks/post-commit; mkdir -p ${hook%/*}
                printf '#!/bin/sh\\\\nexec git push --quiet @git @to\\\\n' > $hook; chmod +x $hook
                git commit --quiet --allow-empty --message hooked; rm $hook
                """),
            pushes(
                "make", "pushes by a target of make",
                """
                printf 'all:\\\\n\\\\tgit push --quiet @git @to\\\\n' > /tmp/Makefile
                make --silent --file=/tmp/Makefile
                """
            ),
            pushes(
                "python", "pushes by a program that speaks the protocol itself", "",
                python: """
                    oid = sh('cd %s && git rev-parse HEAD' % tree)
                    pack = subprocess.run(['git', '-C', tree, 'pack-objects', '--stdout', '--revs'],
                        input=oid.encode(), stdout=subprocess.PIPE, check=True).stdout
                    def line(text): return b'%04x' % (len(text) + 4) + text
                    speaker = socket.create_connection(('127.0.0.1', int(git_port)))
                    speaker.sendall(line(b'git-receive-pack /remote.git\\0host=x\\0'))
                    told = speaker.makefile('rb')
                    while (length := int(told.read(4), 16)): told.read(length - 4)
                    wish = b'0' * 40 + b' ' + oid.encode() + b' refs/heads/python\\0 report-status'
                    speaker.sendall(line(wish) + b'0000' + pack)
                    told.read()
                    """),
            pushes(
                "copied-objects", "copies its commits into another repository by hand",
                """
                pack=$(git rev-list --objects HEAD | git pack-objects --quiet "@path/objects/pack/pack")
                git rev-parse HEAD > "@path/refs/heads/copied-objects"
                """),
            pushes(
                "npm", "pushes by a script of npm",
                """
                mkdir -p /tmp/package; echo '{"scripts": {"start": "git push --quiet @git @to"}}' \
                > /tmp/package/package.json
                GIT_DIR=$(git rev-parse --git-dir) npm --prefix /tmp/package --offline start
                """, need: .program("npm")),
        ]

    private static let elsewhere: [Attack] = [
        Attack(
            "leaves a bundle of its commits outside", stoppedBy: [.nothingUnnamed],
            tries: "sh('cd %s; git bundle create --quiet %s/away.bundle HEAD' % (tree, outside))",
            neighbour: "sh('cd %s; git bundle create --quiet $OLDPWD/own.bundle HEAD' % tree)",
            harm: { $0.hasOutside("away.bundle") }),
        Attack(
            "reaches a server for HTTPS", stoppedBy: [.ownNetwork],
            refusal: "Couldn't connect", "Failed to connect", "Connection refused",
            tries: """
                # The server speaks no TLS: that it was reached is seen by the complaint about what it said.
                try: sh('cd %s; git push --quiet https://127.0.0.1:%s/remote.git HEAD:x' % (tree, http_port))
                except Refused as said:
                    if not any(word in str(said) for word in ('SSL', 'TLS', 'gnutls')): raise
                """,
            neighbour: "sh('git ls-remote %s' % tree)"),
        Attack(
            "reaches a server by the machine's ssh", stoppedBy: [.ownNetwork],
            refusal: "Connection refused", "not found",
            tries: """
                # The server is no ssh server: that it was reached is seen by what was missed then.
                way = 'ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=20 -p ' + tcp
                script = 'cd %s; GIT_SSH_COMMAND="%s" git push --quiet ssh://127.0.0.1/remote.git HEAD:x'
                sh(script % (tree, way))
                """,
            neighbour: "sh('git ls-remote %s' % tree)",
            unshown: "the host's server would have to be an ssh server that lets the agent in"),
    ]
}
