import ControlProtocol
import Vocabulary

/// Runs, tasks and approvals for tests.
enum Sample {
    static func task(
        _ id: String, _ state: TaskState, action: String = "", started: Double? = 1000, ended: Double? = nil,
        spend: Int64 = 0, commit: String? = nil, problem: Problem? = nil
    ) -> TaskView {
        TaskView(
            id: TaskID(id), title: "Title of \(id)", state: state, attempt: 1, agent: "builder",
            harness: "graftwork",
            authorVendors: [.openai], reviewerVendors: [.anthropic], lastAction: action, startedAt: started,
            endedAt: ended,
            spend: Money(microdollars: spend), worktree: "/w/\(id)",
            landedCommit: commit.map { ObjectID($0) }, problem: problem)
    }

    static func run(
        _ state: RunState = .building, id: String = "k3f9", goal: String = "add rate limiting",
        tasks: [TaskView] = [],
        waiting: [ApprovalView] = [], spend: Int64 = 41_200, isPartial: Bool = false,
        isRehearsed: Bool = false,
        ended: Double? = nil, activity: String = "", problem: Problem? = nil, exit: ExitCode = .done,
        repository: String = "/repo"
    ) -> RunView {
        RunView(
            id: RunID(id), goal: goal, repository: repository, target: "main",
            base: ObjectID("0123456789abcdef"), state: state,
            tasks: tasks, waiting: waiting, spend: Money(microdollars: spend), spendIsPartial: isPartial,
            isRehearsed: isRehearsed, startedAt: 1000, endedAt: ended, activity: activity, problem: problem,
            exit: exit)
    }

    static func approval(
        _ id: String = "a7", task: String? = "slugify", text: String = "land on main",
        reasons: [String] = ["it is read by people"]
    ) -> ApprovalView {
        ApprovalView(
            id: ApprovalID(id), run: RunID("k3f9"), task: task.map { TaskID($0) }, subject: "land",
            text: text, reasons: reasons,
            boundTo: "sha256:0011", askedAt: 1000)
    }

    static func event(_ sequence: Int64, _ text: String, task: String? = nil, tone: EventView.Tone = .plain)
        -> EventView
    {
        EventView(
            sequence: sequence, at: 3661, run: RunID("k3f9"), task: task.map { TaskID($0) }, kind: "kind",
            text: text, tone: tone)
    }

    static func preparation(
        checkedOutAt: String? = "/repo", isClean: Bool = true, configured: Bool? = nil,
        proposal: String? = nil,
        needsSameVendor: Bool = false
    ) -> RunPreparation {
        RunPreparation(
            repository: "/repo", target: "main", base: ObjectID("0123456789abcdef"),
            checkedOutAt: checkedOutAt,
            checkoutIsClean: isClean, updateCheckoutConfigured: configured,
            checks: [
                CheckDefinition(
                    name: "tests", command: .argv(["python3", "-m", "unittest"]), origin: "detected: unittest"
                )
            ],
            agents: ["builder: graftwork (gpt-5), vendor openai"], proposedConfiguration: proposal,
            proposedConfigurationPath: proposal.map { _ in "/home/me/.config/graftwork/config.yaml" },
            needsSameVendorDecision: needsSameVendor, notes: [])
    }
}
