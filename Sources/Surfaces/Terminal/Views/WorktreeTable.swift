package import ControlProtocol
import Vocabulary

/// The table of `worktree ls`: what it is, what is in it, and what keeps it, in 80 columns.
package enum WorktreeTable {
    package static func table(of worktrees: [WorktreeView]) -> TextTable {
        var table = TextTable([
            // Whole, however long: a person types it.
            .init("WORKTREE"), .init("STATE", yield: .init(rank: 3, cutTo: 6)),
            .init("RUN", yield: .init(rank: 0, cutTo: 4, canBeLeftOut: true)), .init("SIZE", .right),
            .init("CHANGED", .right, yield: .init(rank: 2, cutTo: nil, canBeLeftOut: true)),
            .init("SAVED", .right, yield: .init(rank: 1, cutTo: nil, canBeLeftOut: true)),
            .init("NOTE", yield: .init(rank: 4, cutTo: 4)),
        ])
        table.rows = worktrees.map { worktree in
            let look = worktree.state.map { StateLook.of($0) }
            return [
                .init(worktree.name), .init(look?.word ?? "-", look?.tint),
                .init(worktree.runState.map { StateLook.of($0).word } ?? "-"),
                .init(worktree.bytesOnDisk.map(Amounts.bytes) ?? "-"),
                .init(worktree.changedPaths.map(String.init) ?? "-"), .init(String(worktree.snapshots)),
                .init(note(on: worktree), tint(of: worktree)),
            ]
        }
        return table
    }

    /// Beneath the table: what does not fit into a column.
    package static func remarks(on worktrees: [WorktreeView]) -> [String] {
        worktrees.flatMap { worktree -> [String] in
            let name = SafeText.line(worktree.name, charactersMax: 120)
            var lines: [String] = []
            if let removal = worktree.removal, removal != "under way" {
                lines.append("\(name) could not be removed yet: \(SafeText.line(removal))")
            }
            if worktree.isOrphan {
                lines.append(
                    "\(name) belongs to no task any more. Look at it, or remove it: "
                        + "graftwork worktree rm \(name)")
            }
            if let problem = worktree.problem {
                lines.append("\(name) could not be looked at in full: \(SafeText.line(problem))")
            } else if !worktree.isPresent, worktree.removal == nil {
                lines.append(
                    "\(name) has lost its files. What was saved comes back with "
                        + "graftwork worktree restore \(name)")
            }
            return lines
        }
    }

    private static func note(on worktree: WorktreeView) -> String {
        if worktree.removal != nil { return "removing" }
        if worktree.isOrphan { return "orphan" }
        if worktree.problem != nil { return "problem" }
        if !worktree.isPresent { return "files gone" }
        if worktree.isKept { return "kept" }
        if worktree.session != nil { return "at work" }
        if !worktree.collisions.isEmpty { return "collides" }
        return worktree.isOverlay ? "overlay" : ""
    }

    private static func tint(of worktree: WorktreeView) -> Palette.Tint? {
        if worktree.removal != nil || worktree.isOrphan || !worktree.isPresent || worktree.problem != nil {
            return .yellow
        }
        if worktree.session != nil { return .blue }
        return worktree.collisions.isEmpty ? .dim : .yellow
    }
}
