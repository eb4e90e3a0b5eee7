package import ControlProtocol
package import Vocabulary

/// The tables that commands print.
package enum RunTable {
    package static func table(of runs: [RunView], now: Double) -> TextTable {
        var table = TextTable([
            .init("RUN"), .init("STATE"), .init("TASKS", .right), .init("TIME", .right),
            .init("SPENT", .right),
            .init("GOAL", yield: .init(rank: 0, cutTo: 12)),
        ])
        table.rows = runs.map { run in
            let look = StateLook.of(run)
            let landed = run.tasks.filter { $0.state == .landed }.count
            return [
                .init(run.id.rawValue), .init(look.glyph + " " + look.word, look.tint),
                .init("\(landed)/\(run.tasks.count)"),
                .init(Amounts.elapsed((run.endedAt ?? now) - run.startedAt)),
                .init(spent(run.spend, isPartial: run.spendIsPartial, isRehearsed: run.isRehearsed)),
                .init(run.goal),
            ]
        }
        return table
    }

    package static func table(of costs: [CostView]) -> TextTable {
        var table = TextTable([
            .init("RUN"), .init("TASK"), .init("ROLE"), .init("AGENT"),
            .init("MODEL", yield: .init(rank: 0, cutTo: 12)),
            .init("IN", .right), .init("OUT", .right), .init("CACHED", .right), .init("COST", .right),
        ])
        table.rows = costs.map { cost in
            let models = cost.models.isEmpty ? cost.vendors.map(\.rawValue) : cost.models
            return [
                .init(cost.run.rawValue), .init(cost.task?.rawValue ?? "-"), .init(cost.role.rawValue),
                .init(cost.agent),
                .init(models.isEmpty ? "-" : models.joined(separator: ", ")),
                .init(Amounts.grouped(cost.usage.input)),
                .init(Amounts.grouped(cost.usage.output)),
                .init(Amounts.grouped(cost.usage.cacheRead &+ cost.usage.cacheWrite)),
                .init(
                    cost.cost.map { spent($0, isRehearsed: cost.isRehearsed) } ?? "unknown"),
            ]
        }
        let total = CostTotal(of: costs)
        table.rows.append([
            .init("total", .bold), .init(""), .init(""), .init(""), .init(""),
            .init(Amounts.grouped(total.usage.input)),
            .init(Amounts.grouped(total.usage.output)),
            .init(Amounts.grouped(total.usage.cacheRead &+ total.usage.cacheWrite)),
            .init(total.text, .bold),
        ])
        return table
    }

    private static func spent(_ money: Money, isPartial: Bool = false, isRehearsed: Bool) -> String {
        Amounts.money(money, isPartial: isPartial) + (isRehearsed ? " on paper" : "")
    }
}

/// The sum over sessions. What was rehearsed was not spent, so it is never added to what was.
package struct CostTotal: Hashable, Sendable, Codable {
    package var spent: Money = .zero
    package var onPaper: Money = .zero
    package var usage = TokenUsage()
    /// A price is unknown, so `spent` is a lower bound.
    package var isPartial = false

    package init(of costs: [CostView]) {
        for cost in costs {
            usage += cost.usage
            guard let amount = cost.cost else {
                isPartial = true
                continue
            }
            if cost.isRehearsed { onPaper += amount } else { spent += amount }
        }
    }

    package var text: String {
        let paper = onPaper == .zero ? "" : Amounts.money(onPaper) + " on paper"
        if spent == .zero, !isPartial, !paper.isEmpty { return paper }
        return Amounts.money(spent, isPartial: isPartial) + (paper.isEmpty ? "" : " + " + paper)
    }
}
