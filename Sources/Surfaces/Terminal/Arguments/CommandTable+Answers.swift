/// The commands by which a person decides and repairs.
extension CommandTable {
    private static let approval = CommandSpecification.Argument(
        "ID", isRequired: true, "The id of what waits, as `graftwork inbox` shows it.")
    private static let note = CommandSpecification.Option(
        "note", value: "TEXT", "Kept in the journal with the answer.")

    static let inbox = CommandSpecification(
        "inbox", "everything that waits for a person",
        description: ["Lists each question with the rules that ask and what exactly would be approved."],
        output: .document,
        examples: [.init("graftwork inbox", "See what waits.")])

    static let approve = CommandSpecification(
        "approve", "say yes to something that waits",
        description: [
            """
            Approves exactly what is shown: the digest of a change, or one call. When the bytes change, the \
            approval is void and the question comes again.
            """
        ],
        arguments: [approval], options: [note], output: .document,
        examples: [.init("graftwork approve a7 --note \"read it\"", "Let it through.")])

    static let deny = CommandSpecification(
        "deny", "say no to something that waits",
        description: ["The agent or the landing is told no, with the note as the reason."],
        arguments: [approval],
        options: [note], output: .document,
        examples: [.init("graftwork deny a7 --note \"not before the release\"", "Hold it back.")])

    static let land = CommandSpecification(
        "land", "try a held landing again",
        description: [
            """
            Goes through the same gate as every landing: checked and reviewed bytes, policies, \
            compare-and-swap of the target. What changed since is checked again. Nothing is ever landed \
            around the gate.
            """
        ],
        arguments: [runArgument, taskArgument], options: [into] + updateCheckout + [detach, plain],
        output: .stream,
        exits: [3: "still held", 4: "a policy denied it", 5: "a conflict with the target remained"],
        examples: [
            .init("graftwork land k3f9 --update-checkout", "Land, and move the clean checkout along."),
            .init("graftwork land k3f9 --into integration", "Land on another branch."),
        ])

    static let worktree = CommandSpecification(
        "worktree", "list, open, restore or remove the worktrees of tasks, import their set-up",
        description: [
            """
            `ls` lists them: how their tasks and runs stand, what they take up, the paths changed against \
            the base and the snapshots, as of the newest one. One that is kept was brought \
            back by you, or holds what no snapshot can; an orphan belongs to no task. Both stay until you \
            remove them.
            """,
            """
            `open` saves a worktree, makes it one you can go into and prints its path, and nothing else, on \
            standard output. `restore` saves what lies there and puts back the files of the newest snapshot, \
            of --snapshot N or of the end of --turn N; ignored files stay. `rm` takes a last snapshot and \
            removes it: what cannot be saved is not removed. While a session is at work in a worktree it is \
            neither restored nor removed.
            """,
            """
            `prune` lets snapshots go that are older or more than `worktrees: { keep-snapshots: { days: 30, \
            count: 50 } }` in your configuration keeps, never the newest of a worktree, and sweeps what \
            nothing uses any more. The server does the same each day. Snapshots are refs below \
            refs/graftwork/snapshots/RUN/TASK/.
            """,
            """
            `import` reads what other tools left in the repository's HEAD (.worktreeinclude, \
            .cursor/worktrees.json, .codex/environments/*.toml, conductor.json, .superset/config.json, \
            .config/wt.toml), says of each file what was understood and what not, and prints the \
            `worktree:` block that states the same here. Nothing of it is applied by itself.
            """,
        ],
        arguments: [
            .init(
                "ACTION", isRequired: true, choices: ["ls", "open", "restore", "rm", "prune", "import"],
                "What to do."),
            runArgument,
            .init(
                "TASK",
                "The task whose worktree it is. May be written `RUN/TASK`, stand alone where only one run "
                    + "has it, and, but for rm, be left out when the run has only one worktree."),
        ],
        options: [
            .init("snapshot", value: "N", "With restore: the snapshot with this number."),
            .init("turn", value: "N", "With restore: what the Nth turn of the task's author left."),
            .init(
                "discard-unsaved",
                "With rm: remove it though it holds what no snapshot can, such as a very large file, or "
                    + "though none can be taken."),
            .init("dry-run", "With prune: only say what would go."),
        ], output: .document,
        examples: [
            .init("graftwork worktree ls", "All of them."),
            .init("cd \"$(graftwork worktree open k3f9/pagination)\"", "Go and look."),
            .init("graftwork worktree restore k3f9/pagination --turn 1", "Back to the first turn."),
            .init("graftwork worktree rm k3f9/pagination", "Remove one; its snapshots stay."),
            .init("graftwork worktree prune --dry-run", "What would go, and how much."),
            .init(
                "graftwork worktree import >> .graftwork/config.yaml",
                "Take over what conductor.json or its like says; the notes stay on the terminal."),
        ])

    static let audit = CommandSpecification(
        "audit", "every event of the journal, in order",
        description: [
            "Prints the journal's events with their sequence numbers and the hash that chains each to the "
                + "one before it."
        ],
        arguments: [.init("RUN", "One run. Left out: the whole journal.")],
        options: [.init("after", value: "NUMBER", "Only what follows this sequence number.")],
        output: .stream,
        examples: [.init("graftwork audit k3f9 --json", "One run's events for a program, a line each.")])
}
