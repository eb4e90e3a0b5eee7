/// The commands that start a run and follow it.
extension CommandTable {
    private static let submission: [CommandSpecification.Option] = [
        .init(
            "workflow", short: "w", value: "NAME",
            "The workflow: a name, or a path that contains `/`. Default: feature."),
        .init(
            "same-vendor",
            "With one vendor only, accept review by that vendor, marked same-vendor in every record."),
        .init(
            "rehearse", value: "SCRIPT",
            "Answer every model request from SCRIPT; the whole run is marked rehearsed."),
        .init("config", value: "FILE", "Use FILE instead of your own configuration."),
    ]

    static let run = CommandSpecification(
        "run", "plan, fan out, review, gate and land a goal",
        description: [
            """
            Plans GOAL into tasks, gives each task to an agent in a sandboxed worktree of its own, runs your \
            checks on what it made, has the diff reviewed by a model of another vendor, and lands what your \
            policies allow.
            """,
            """
            First the base is proven: the checks run on it before any token is spent. A base whose checks \
            fail, or do not run, spends nothing.
            """,
            """
            At a terminal it shows what will happen, asks what must be asked once, and draws one line per \
            task. Ctrl-C leaves the view and not the run. Without a terminal it never asks and prints one \
            line per event; when nothing goes on without a person it ends with exit code 3 and says what \
            waits.
            """,
        ],
        arguments: [.init("GOAL", isRequired: true, "What to build, in one sentence or more.")],
        options: submission + [into] + updateCheckout + [
            .init(
                "yes", short: "y",
                "Save a proposed configuration, move a clean checkout along, and answer every ask of a "
                    + "policy with yes, in your name."
            ),
            detach, plain,
        ], output: .stream,
        exits: [
            3: "held for a person: something waits in `graftwork inbox`, or says what it needs",
            4: "a policy denied a landing", 5: "a conflict with the target remained",
            6: "the budget was reached",
        ],
        examples: [
            .init(
                "graftwork run \"add rate limiting to the API\"",
                "Plan it, build it, review it, land it on the branch you are on."),
            .init(
                "graftwork run \"add pagination\" --into agents/pagination",
                "Land on a branch that is checked out nowhere."),
            .init(
                "graftwork run \"fix the flaky test\" --detach",
                "Start it and come back with `graftwork watch`."),
        ])

    static let plan = CommandSpecification(
        "plan", "only the plan: tasks, scopes and overlaps; nothing is built",
        description: [
            "Proves the base, asks the planner for a plan of GOAL and shows it. No worktree is written and "
                + "nothing lands."
        ],
        arguments: [.init("GOAL", isRequired: true, "What to plan.")], options: submission + [detach, plain],
        output: .stream, exits: [3: "held for a person", 6: "the budget was reached"],
        examples: [.init("graftwork plan \"move from REST to gRPC\"", "See how it would be cut into tasks.")])

    static let status = CommandSpecification(
        "status", "where runs stand",
        description: [
            "Lists the runs, newest first; with RUN shows that run, task by task, and what waits for you."
        ],
        arguments: [.init("RUN", "One run. Left out: all of them.")], output: .document,
        examples: [
            .init("graftwork status", "Every run."),
            .init("graftwork status k3f9 --json", "One run, for a program."),
        ])

    static let watch = CommandSpecification(
        "watch", "follow a run until it is settled",
        description: [
            """
            Draws the live view on a terminal, and prints one line per event otherwise. If the connection is \
            lost it connects again and goes on after the last event it has seen. It ends with the exit code \
            of the run.
            """
        ],
        arguments: [runArgument], options: [plain], output: .stream,
        exits: [
            3: "held for a person", 4: "a policy denied a landing", 5: "a conflict remained",
            6: "the budget was reached",
        ],
        examples: [.init("graftwork watch", "Come back to the most recent run.")])

    static let logs = CommandSpecification(
        "logs", "what the agents said and did",
        description: [
            "Prints what each session said, which tools it used, what was denied and which models answered."
        ],
        arguments: [runArgument, taskArgument],
        options: [.init("follow", short: "f", "Go on until the run is settled.")], output: .stream,
        examples: [
            .init("graftwork logs", "The most recent run."),
            .init("graftwork logs k3f9 pagination -f", "One task, as it goes."),
        ])

    static let diff = CommandSpecification(
        "diff", "what a task made, or what a run landed",
        description: [
            """
            Prints a unified diff: of TASK's last candidate, or of everything RUN landed. With --turn, what \
            one turn of TASK's author changed: from the files it began with to those it left. A task can be \
            named `RUN/TASK`, or by itself where only one run has it.
            """
        ],
        arguments: [runArgument, taskArgument],
        options: [
            .init("turn", value: "N", "What the Nth turn of the task's author changed, counted from 1.")
        ], output: .document,
        examples: [
            .init("graftwork diff", "What the most recent run landed."),
            .init("graftwork diff k3f9 pagination", "The last candidate of one task."),
            .init("graftwork diff pagination --turn 2", "What its author changed in the second turn."),
        ])

    static let cost = CommandSpecification(
        "cost", "what was spent, per session",
        description: [
            """
            Lists every session with the vendors and models that answered, as the gateway saw them, tokens \
            and cost, and sums them. An unknown price makes the sum a lower bound, shown with ≥. Rehearsed \
            sessions cost on paper only.
            """
        ],
        arguments: [.init("RUN", "One run. Left out: all of them.")], output: .document,
        examples: [.init("graftwork cost k3f9", "What one run spent.")])
}
