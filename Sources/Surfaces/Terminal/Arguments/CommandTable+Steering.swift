/// The commands by which a person takes a hand in work under way.
extension CommandTable {
    private static let work = CommandSpecification.Argument(
        "RUN/TASK", isRequired: true,
        "The task, or the run alone. A task may stand alone where only one run has it.")

    static let steer = CommandSpecification(
        "steer", "say something to an agent at work",
        description: [
            """
            Brings TEXT, and files with it, into the session of the agent at work on a task, or on the run \
            where only one agent is. Claude takes it in after the tool it is using, Codex before its next \
            request to the model, the built-in agent and agents of the Agent Client Protocol when their \
            answer is done: they then get it as the next prompt of the same session, and the task goes on \
            only after that. A harness of the kind `command` reads its prompt once and cannot be told \
            anything.
            """,
            """
            Files are copied below /home/agent/inbox inside, at most 16 of 8 MiB, never over one that is \
            there; the message names where they are. `graftwork logs` shows who said what, when the agent \
            had it, and what was not delivered because the session ended first. A reviewer is told \
            nothing: its verdict is independent evidence.
            """,
        ],
        arguments: [work, .init("TEXT", isRequired: true, "What to say; at most 16 KiB.")],
        options: [
            .init("file", short: "f", value: "PATH", "Bring this file along. May be given more than once.")
        ], output: .document,
        examples: [
            .init("graftwork steer k3f9/pagination \"keep the old parameter, too\"", "Say it to one agent."),
            .init(
                "graftwork steer k3f9/pagination \"make it look like this\" --file mockup.png",
                "With a file."),
        ])

    static let interrupt = CommandSpecification(
        "interrupt", "end an agent's turn and keep what it did",
        description: [
            """
            Tells the harness to end its turn. What was done until then is saved as a snapshot, and the \
            task is held for you: look at it with `graftwork diff`, then go on with `graftwork resume`, \
            which begins another session on the files as they are. A message that was not taken in yet is \
            recorded as not delivered.
            """
        ],
        arguments: [work], output: .document,
        examples: [.init("graftwork interrupt k3f9/pagination", "It is on the wrong track.")])

    static let pause = CommandSpecification(
        "pause", "make a run or a task stand still",
        description: [
            """
            Stops every process of the sandboxes concerned, without ending any, and begins nothing new: no \
            session, no check, no landing. No limit of time runs meanwhile. A check that runs already \
            ends. The pause is in the journal and outlives the server; `graftwork resume` ends it, and \
            `graftwork stop` ends a paused run, too.
            """,
            """
            A model that was just answering is not waited for: its harness finds the connection as it is \
            when it goes on, and most ask again.
            """,
        ],
        arguments: [work], output: .document,
        examples: [
            .init("graftwork pause k3f9", "The whole run."),
            .init("graftwork pause k3f9/pagination", "One task; the others go on."),
        ])

    static let resume = CommandSpecification(
        "resume", "go on after a pause, a stop, a crash or a hold",
        description: [
            """
            Goes on with what is not settled: lets go what was paused, reattaches sessions that are still \
            alive, and starts again from the last snapshot where they are not. Left out, RUN means every \
            run that can go on. Of a paused run it ends the pauses only; what is held besides goes on with \
            a second `graftwork resume`. `RUN/TASK` ends the pause of one task.
            """
        ],
        arguments: [.init("RUN", "One run, or RUN/TASK. Left out: all runs that can go on.")],
        options: [detach, plain],
        output: .stream,
        exits: [
            3: "held for a person", 4: "a policy denied a landing", 5: "a conflict remained",
            6: "the budget was reached",
        ],
        examples: [
            .init("graftwork resume", "After a crash: go on with everything."),
            .init("graftwork resume k3f9/pagination", "End the pause of one task."),
        ])

    static let stop = CommandSpecification(
        "stop", "stop a run; nothing is lost",
        description: [
            "Ends the run's sessions after a last snapshot. Worktrees and journal stay; `graftwork resume` "
                + "goes on."
        ],
        arguments: [runArgument], output: .document,
        examples: [.init("graftwork stop k3f9", "Stop one run.")])
}
