/// Every command, in the order in which `graftwork help` shows them.
package enum CommandTable {
    package static let commands: [CommandSpecification] = [
        run, plan, status, watch, logs, diff, inbox, approve, deny, land, steer, interrupt, pause, resume,
        stop, worktree, cost,
        doctor, sandbox, demo, serve,
        audit, completion, version, help,
    ]

    static let runArgument = CommandSpecification.Argument(
        "RUN",
        "The run's id, as `graftwork status` shows it. Left out: the most recent run, and it says which.")
    static let taskArgument = CommandSpecification.Argument(
        "TASK", "One task of the run. Left out: the whole run.")
    static let plain = CommandSpecification.Option(
        "plain", "One line per event instead of the live view, also on a terminal.")
    static let detach = CommandSpecification.Option(
        "detach", "Return as soon as the request is in the journal; `graftwork watch` comes back to it.")
    static let updateCheckout: [CommandSpecification.Option] = [
        .init(
            "update-checkout",
            "When the target branch is checked out in a clean worktree, move that checkout along with the "
                + "landing."
        ),
        .init(
            "no-update-checkout", "Never touch a checkout: a landing on a checked-out branch is held instead."
        ),
    ]
    static let into = CommandSpecification.Option(
        "into", value: "BRANCH", "Land on BRANCH instead of the branch that is checked out.")

    static let version = CommandSpecification(
        "version", "print the version",
        description: ["Prints the version of this program. It starts nothing and asks no server."],
        output: .document,
        examples: [.init("graftwork version", "graftwork \(versionInExamples)")])

    static let help = CommandSpecification(
        "help", "explain a command",
        description: [
            "Without COMMAND lists the commands, with it shows that command's page. `--help` after any "
                + "command is the same."
        ],
        arguments: [.init("COMMAND", "The command to explain.")], output: .none,
        examples: [.init("graftwork help run", "The page about `graftwork run`.")])

    static let completion = CommandSpecification(
        "completion", "print a completion script for a shell",
        description: [
            "Prints a script that completes commands and options. It is made from the same table as the "
                + "parser and this page."
        ],
        arguments: [.init("SHELL", isRequired: true, choices: ["bash", "zsh", "fish"], "The shell.")],
        output: .none,
        examples: [
            .init("source <(graftwork completion bash)", "Complete in this shell."),
            .init(
                "graftwork completion fish > ~/.config/fish/completions/graftwork.fish",
                "Complete in every fish."),
        ])

    private static let versionInExamples = "0.1.0"
}
