import ControlProtocol
import Testing
import Vocabulary

@testable import Terminal

@Suite("The live view") struct RunFrameTests {
    private func frame(_ run: RunView, columns: Int = 80, rows: Int = 24, asking: String? = nil) -> [String] {
        RunFrame(
            run: run, now: 1072, columns: columns, rows: rows, palette: Palette(isColoured: false),
            asking: asking.map { ApprovalID($0) }
        ).lines
    }

    private let busy = Sample.run(
        tasks: [
            Sample.task(
                "pagination", .landed, action: "landed as 3f9a2c1b0d", ended: 1042, spend: 20_000,
                commit: "3f9a2c1b0d11"),
            Sample.task("rate-limits", .reviewing, action: "anthropic reads the change", spend: 10_100),
            Sample.task("docs", .planned, action: "waits for pagination", started: nil),
        ], activity: "")

    @Test("shows one line per task with state, last action, time and spend")
    func oneLinePerTask() {
        #expect(
            frame(busy) == [
                "k3f9  add rate limiting                                building  1m 12s  $0.0412",
                "✓ pagination  landed         landed as 3f9a2c1b0d                   42s  $0.0200",
                "● rate-limits reviewing      anthropic reads the change          1m 12s  $0.0101",
                "· docs        planned        waits for pagination                     -        -",
            ])
    }

    @Test("says what the run itself does, until it is settled")
    func activity() {
        #expect(
            frame(Sample.run(.proving, spend: 0, activity: "tests run on the base")) == [
                "k3f9  add rate limiting                             proving the base  1m 12s  $0",
                "  tests run on the base",
            ])
        #expect(frame(Sample.run(.landed, ended: 1060, activity: "done")).count == 1)
    }

    @Test("shows what waits, and how it is answered elsewhere")
    func waiting() {
        let run = Sample.run(tasks: [Sample.task("slugify", .awaitingApproval)], waiting: [Sample.approval()])
        #expect(
            frame(run).last
                == "? slugify: land on main                                     graftwork approve a7")
    }

    @Test("asks here when the keys are listened to, with the reasons")
    func asking() {
        let run = Sample.run(waiting: [
            Sample.approval(reasons: ["it is read by people", "the change is large"])
        ])
        #expect(
            Array(frame(run, asking: "a7").dropFirst()) == [
                "? slugify: land on main", "  because it is read by people", "  because the change is large",
                "  Allow it? [y/n]",
            ])
    }

    @Test("fits every width and height, whatever the run contains")
    func fits() {
        let nasty = "漢字 \u{1B}[31m\u{202E} " + String(repeating: "long ", count: 50)
        let tasks = TaskState.allCases.map { state in
            Sample.task(
                "task-\(state.rawValue)-with-a-very-long-name", state, action: nasty, spend: 123_456_789)
        }
        let run = Sample.run(
            goal: nasty, tasks: tasks, waiting: [Sample.approval(text: nasty, reasons: [nasty])],
            activity: nasty)
        for columns in [20, 39, 40, 59, 60, 79, 80, 99, 100, 140, 200] {
            for rows in [8, 12, 24, 50] {
                for asking in [nil, "a7"] {
                    let lines = frame(run, columns: columns, rows: rows, asking: asking)
                    let widest = lines.map { ScreenPainter.visibleWidth(of: $0) }.max() ?? 0
                    #expect(widest <= columns, "\(columns)x\(rows): \(widest)")
                    #expect(lines.count < rows)
                    #expect(!lines.contains { $0.contains("\u{1B}") || $0.contains("\u{202E}") })
                }
            }
        }
    }

    @Test("when not all tasks fit, the busy ones stay, in their order")
    func tooMany() {
        let tasks =
            (1...10).map { Sample.task("done-\($0)", .landed) } + [Sample.task("busy", .authoring)]
            + (1...5).map { Sample.task("later-\($0)", .planned, started: nil) }
        let lines = frame(Sample.run(tasks: tasks), rows: 7)
        #expect(lines.count == 6)
        #expect(lines[1].hasPrefix("● busy"))
        #expect(lines.last == "  … and 12 more tasks")
    }

    @Test("a wide terminal also shows who writes and who reviews")
    func wide() {
        let line = frame(busy, columns: 120)[2]
        #expect(line.contains("builder openai ⇄ anthropic"))
        #expect(DisplayWidth.of(line) == 120)
    }

    @Test("colours follow the state") func colours() {
        let lines = RunFrame(run: busy, now: 1072, columns: 80, rows: 24, palette: Palette(isColoured: true))
            .lines
        #expect(lines[1].hasPrefix("\u{1B}[32m✓\u{1B}[0m "))
    }
}

@Suite("Redrawing in place") struct ScreenPainterTests {
    private let begin = "\u{1B}[?2026h\r", end = "\u{1B}[?2026l", clear = "\u{1B}[K\r\n"

    @Test("rewrites only the lines that changed")
    func changes() {
        var painter = ScreenPainter()
        #expect(painter.paint(["a", "b"], columns: 80) == begin + "a" + clear + "b" + clear + end)
        #expect(painter.paint(["a", "b"], columns: 80) == "")
        #expect(painter.paint(["a", "c"], columns: 80) == begin + "\u{1B}[2A" + "\r\n" + "c" + clear + end)
    }

    @Test("clears what is left when there are fewer lines")
    func fewer() {
        var painter = ScreenPainter()
        _ = painter.paint(["a", "b", "c"], columns: 80)
        #expect(painter.paint(["a"], columns: 80) == begin + "\u{1B}[3A\r\n\u{1B}[J" + end)
    }

    @Test("draws everything again after a resize, and counts the rows that old lines wrapped into")
    func resize() {
        var painter = ScreenPainter()
        _ = painter.paint(["\u{1B}[1m" + String(repeating: "x", count: 70) + "\u{1B}[0m", "b"], columns: 80)
        #expect(
            painter.paint(["a", "b"], columns: 40) == begin + "\u{1B}[3A\u{1B}[J" + "a" + clear + "b" + clear
                + end)
    }
}

@Suite("Events as lines") struct EventLineTests {
    private let plain = Palette(isColoured: false)

    @Test("are time, task and text")
    func lines() {
        #expect(
            EventLine.text(of: Sample.event(1, "the plan has 2 tasks"), secondsFromUTC: 0, palette: plain)
                == "01:01:01 run the plan has 2 tasks")
        #expect(
            EventLine.text(
                of: Sample.event(2, "a\nb\u{1B}", task: "docs"), secondsFromUTC: 3600, palette: plain)
                == "02:01:01 docs a b\\u{1b}")
    }

    @Test("what an agent says cannot pass for an event of its own")
    func logLines() {
        let line = LogLine(
            at: 3661, task: TaskID("docs"), session: SessionID("s1"), role: .author, kind: "said",
            text: "Done.\n01:01:02 docs landed")
        #expect(
            EventLine.text(of: line, secondsFromUTC: 0, palette: plain)
                == "01:01:01 docs author said Done.\n         | 01:01:02 docs landed")
    }
}

@Suite("The summary of a run") struct RunSummaryTests {
    private func lines(_ run: RunView) -> [String] {
        RunSummary.lines(of: run, columns: 80, palette: Palette(isColoured: false))
    }

    @Test("keeps the lines of a problem, and breaks each between words")
    func severalLines() {
        let problem = Problem(
            "The check tests failed. Its last lines:\n  no line one\n  and a second that goes on for longer "
                + "than the terminal is wide, as they do\n\nRan 3 tests",
            hint: "Look at it.", blame: .agent)
        #expect(
            RunSummary.lines(
                of: problem, indent: "    ", width: 60, palette: Palette(isColoured: false)) == [
                    "    The check tests failed. Its last lines:", "      no line one",
                    "      and a second that goes on for longer than the terminal",
                    "      is wide, as they do", "    Ran 3 tests", "    Next: Look at it.",
                ])
    }

    @Test("says what landed, what it cost and how to look closer")
    func landed() {
        let run = Sample.run(
            .landed,
            tasks: [
                Sample.task("slugify", .landed, commit: "3f9a2c1b0d11"),
                Sample.task("docs", .landed, commit: "77aa00bb11cc"),
            ],
            spend: 12_300, isRehearsed: true, ended: 1030)
        #expect(
            lines(run) == [
                "✓ 2 changes landed on main.",
                "  landed         3f9a2c1b0d slugify: Title of slugify",
                "  landed         77aa00bb11 docs: Title of docs",
                "  rehearsed: $0.0123 on paper, nothing was spent",
                "Look closer:",
                "  graftwork diff k3f9   what landed, line by line",
                "  graftwork logs k3f9   what the agents said and did",
                "  graftwork cost k3f9   what each session spent",
                "  graftwork audit k3f9  every event, with the rule that led to it",
            ])
    }

    @Test("says of what is held why, and the next step")
    func held() {
        let problem = Problem(
            "main is checked out at /repo and has local changes.",
            hint: "Commit or stash them, or use --into BRANCH.",
            blame: .user, exitCode: .held)
        let run = Sample.run(
            .held, tasks: [Sample.task("slugify", .held, problem: problem)], isPartial: true, ended: 1030,
            exit: .held)
        #expect(
            Array(lines(run).prefix(5)) == [
                "‖ The run is held; nothing is lost.",
                "  held           slugify: Title of slugify",
                "      main is checked out at /repo and has local changes.",
                "      Next: Commit or stash them, or use --into BRANCH.",
                "  cost: at least $0.0412 (the price of a model is not known)",
            ])
        #expect(lines(run).contains("  graftwork resume k3f9     try again what is held"))
    }

    @Test("only a fault of ours asks to be reported")
    func reports() {
        let ours = Sample.run(.failed, problem: Problem("The tables disagree.", blame: .us))
        let theirs = Sample.run(.failed, problem: Problem("The base is red.", hint: "Fix it.", blame: .user))
        #expect(lines(ours).contains { $0.contains("please report") })
        #expect(!lines(theirs).contains { $0.contains("report") })
    }

    @Test("says that the rest waits when only a person can go on")
    func waits() {
        let tasks = [Sample.task("a", .landed, commit: "3f9a2c1b0d11"), Sample.task("b", .awaitingApproval)]
        #expect(
            lines(Sample.run(tasks: tasks, waiting: [Sample.approval()]))[0]
                == "● 1 change landed on main; the rest waits for you.")
        #expect(lines(Sample.run(waiting: [Sample.approval()]))[0] == "● The run waits for you.")
        #expect(lines(Sample.run())[0] == "● The run goes on.")
    }

    @Test("of a run without tasks that landed says that the target was not touched")
    func failed() { #expect(lines(Sample.run(.failed))[0] == "✗ The run failed; main was not touched.") }
}

@Suite("Tables") struct TableTests {
    private let plain = Palette(isColoured: false)

    @Test("status lists the runs and gives way in the goal")
    func status() {
        let runs = [
            Sample.run(
                .building, goal: "漢字 goal that is far too long for the terminal",
                tasks: [Sample.task("a", .landed), Sample.task("b", .checking)]),
            Sample.run(.landed, id: "aa11", goal: "short", spend: 1_500_000, isRehearsed: true, ended: 1010),
        ]
        #expect(
            RunTable.table(of: runs, now: 1072).lines(width: 60, palette: plain) == [
                "RUN   STATE       TASKS    TIME           SPENT  GOAL",
                "k3f9  ● building    1/2  1m 12s         $0.0412  漢字 goal t…",
                "aa11  ✓ landed      0/0     10s  $1.50 on paper  short",
            ])
    }

    @Test("cost sums what was spent and what was on paper apart, and marks a lower bound")
    func cost() {
        func row(_ role: SessionRole, _ cost: Int64?, rehearsed: Bool = false) -> CostView {
            CostView(
                run: RunID("k3f9"), task: TaskID("a"), role: role, agent: "builder", vendors: [.openai],
                models: ["gpt-5"],
                usage: TokenUsage(input: 1200, output: 30, cacheRead: 5),
                cost: cost.map { Money(microdollars: $0) },
                isRehearsed: rehearsed)
        }
        #expect(
            RunTable.table(of: [row(.author, 20_000), row(.reviewer, nil)]).lines(width: nil, palette: plain)
                == [
                    "RUN    TASK  ROLE      AGENT    MODEL     IN  OUT  CACHED      COST",
                    "k3f9   a     author    builder  gpt-5  1,200   30       5   $0.0200",
                    "k3f9   a     reviewer  builder  gpt-5  1,200   30       5   unknown",
                    "total                                  2,400   60      10  ≥$0.0200",
                ])
        #expect(CostTotal(of: [row(.author, 5000, rehearsed: true)]).text == "$0.0050 on paper")
        #expect(
            CostTotal(of: [row(.author, 5000, rehearsed: true), row(.author, 100_000)]).text
                == "$0.1000 + $0.0050 on paper")
    }

    @Test("a diff on a screen is coloured and cannot act")
    func diff() {
        let text = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\u{1B}[2J\n"
        #expect(DiffText.shown(text, plain) == text.replacing("\u{1B}", with: "\\u{1b}"))
        #expect(DiffText.shown("+a\n", Palette(isColoured: true)) == "\u{1B}[32m+a\u{1B}[0m\n")
    }

    @Test("what waits is shown with its reasons, what it is bound to, and both answers")
    func approval() {
        #expect(
            ApprovalText.lines(of: Sample.approval(), now: 1072, columns: 80, palette: plain) == [
                "a7  land  k3f9 slugify  waits for 1m 12s", "    land on main",
                "    because it is read by people",
                "    bound to sha256:0011",
                "    graftwork approve a7   graftwork deny a7   graftwork diff k3f9 slugify",
            ])
    }

    @Test("before a run it is shown what will happen")
    func preparation() {
        #expect(
            PreparationText.lines(
                of: Sample.preparation(), goal: "add x", into: nil, columns: 80, palette: plain) == [
                    "  goal        add x", "  repository  /repo", "  base        0123456789 of main",
                    "  lands on    main, checked out at /repo, clean",
                    "  checks      tests: python3 -m unittest (detected: unittest)",
                    "  agents      builder: graftwork (gpt-5), vendor openai",
                ])
    }
}
