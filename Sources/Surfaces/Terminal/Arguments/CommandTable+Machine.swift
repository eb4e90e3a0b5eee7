/// The commands about this machine and the server.
extension CommandTable {
    static let doctor = CommandSpecification(
        "doctor", "what works on this machine",
        description: [
            """
            Looks for what Graftwork needs (bwrap, user namespaces, git), which harnesses are installed and \
            which credentials are there, and says what to do about what is missing. It shows no credential \
            and changes nothing.
            """,
            """
            Of the compilers and interpreters that the repository here is built with, it names those that \
            your shell finds outside /usr, where no sandbox sees them, and the folder to declare under \
            `toolchains:` in your configuration.
            """,
        ], output: .document,
        examples: [.init("graftwork doctor", "What is there and what is missing.")])

    static let sandbox = CommandSpecification(
        "sandbox", "run a command behind the walls an agent has",
        description: [
            """
            Runs COMMAND as an agent's session would run it, with the limits, toolchains, shared folders and \
            variables of your own configuration: no network, no secrets, nobody's home, nothing writable but \
            the worktree and a home of its own, which goes when it ends. Not there are the gateway to a \
            model, a git directory, and what a repository's own set-up makes. What you type goes to it and \
            what it prints comes back; its exit code is this program's. It needs no server and no agent.
            """,
            """
            Without --worktree it works in an empty folder that goes with it. A worktree's own .git is \
            never shown. A program of root's runs as a uid of its own, which must be able to reach the \
            folder and may only write where that uid may; what --read names and that uid cannot reach, it \
            sees as a read-only copy at the same path, without what is closed to others there.
            """,
        ],
        arguments: [
            .init("run", isRequired: true, choices: ["run"], "The only thing there is to do."),
            .init("COMMAND", takesRest: true, "The program and its arguments. Left out with --print-plan."),
        ],
        options: [
            .init(
                "profile", value: "P",
                "As whom: author (writes the tree), planner or reviewer (the tree is read-only), check or "
                    + "setup. Without it: author."),
            .init("worktree", value: "DIR", "The folder it works in, writable for it."),
            .init("read", value: "PATH", "Show PATH read-only, such as a compiler; may be given again."),
            .init("env", value: "K=V", "Set a variable inside; may be given again."),
            .init("print-plan", "Print the walls instead of running anything."),
        ],
        output: .document, exits: [126: "COMMAND is no program", 127: "COMMAND is not there"],
        examples: [
            .init("graftwork sandbox run -- sh -c 'id; ls -la ~; env'", "What an agent sees."),
            .init("graftwork sandbox run -- git push", "What an agent cannot do."),
            .init("graftwork sandbox run --worktree . --profile reviewer -- touch x", "Read-only."),
            .init("graftwork sandbox run --print-plan", "Every mount, variable, limit and refused call."),
        ])

    static let demo = CommandSpecification(
        "demo", "see the whole job on a small repository, without a key",
        description: [
            """
            Makes a small Python repository in a temporary folder and runs the shipped workflow on it: a \
            plan of two tasks, two agents of two vendors in two sandboxes, checks, review by the other \
            vendor, one change sent back and fixed, one policy that asks you, both landed. The models are \
            played from a script and nothing is spent; the git, the sandboxes, the checks and the gate are \
            real.
            """,
            "The folder stays, so that every command can be tried on the run afterwards. Delete it when "
                + "you have seen enough.",
        ],
        options: [
            .init("yes", short: "y", "Answer the policy's question with yes."),
            .init("folder", value: "DIR", "Make the repository in DIR, which must not exist or be empty."),
            plain,
        ], output: .stream, exits: [3: "the policy's question was not answered"],
        examples: [
            .init("graftwork demo", "Watch it; the policy asks you."),
            .init("graftwork demo --yes", "The same without a question."),
        ])

    static let serve = CommandSpecification(
        "serve", "run the server in the foreground, or end it",
        description: [
            """
            Every command starts the server when none runs, so this is for service managers and for looking \
            at its messages. It listens on its unix socket only. One server runs per user.
            """
        ],
        options: [
            .init(
                "stop",
                "End the running server. Sessions go on within their lease; `graftwork resume` reattaches."),
            .init(
                "if-replaced",
                "With --stop: only when the server's program was replaced since it started, by an update "
                    + "or a new build."),
        ],
        output: .none,
        examples: [
            .init("graftwork serve", "In the foreground."),
            .init(
                "graftwork serve --stop --if-replaced",
                "After an update: let the next command start the new one."),
            .init("graftwork serve --stop", "End the one that runs."),
        ])
}
