/// The commands about this machine and the server.
extension CommandTable {
    static let doctor = CommandSpecification(
        "doctor", "what works on this machine",
        description: [
            """
            Looks for what Graftwork needs (bwrap, user namespaces, git), which harnesses are installed and \
            which credentials are there, and says what to do about what is missing. It shows no credential \
            and changes nothing.
            """
        ], output: .document,
        examples: [.init("graftwork doctor", "What is there and what is missing.")])

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
