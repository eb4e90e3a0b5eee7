import ControlProtocol

/// What `worktree prune` took away, or would: one line each, and the sum.
enum PrunedLines {
    static func text(of items: [PrunedItem], isDryRun: Bool) -> [String] {
        let lines = items.map { item in
            let name = SafeText.line(item.name, charactersMax: 120)
            return switch item.kind {
            case .snapshots: "\(Amounts.count(item.count, "snapshot")) of \(name)"
            case .base: "what was kept for commit \(name), \(Amounts.bytes(item.bytes))"
            case .removal: "what was left of \(name)"
            }
        }
        let snapshots = items.filter { $0.kind == .snapshots }.reduce(0) { $0 + $1.count }
        let bytes = items.reduce(Int64(0)) { $0 + $1.bytes }
        let removals = items.count { $0.kind == .removal }
        // Nothing is said about what there was none of.
        let parts = [
            snapshots > 0 ? Amounts.count(snapshots, "snapshot") : nil,
            bytes > 0 ? Amounts.bytes(bytes) : nil,
            removals > 0 ? "what was left of " + Amounts.count(removals, "worktree") : nil,
        ].compactMap(\.self)
        guard let last = parts.last else { return lines }
        let sum = [parts.dropLast().joined(separator: ", "), last].filter { !$0.isEmpty }
            .joined(separator: " and ")
        return lines + [isDryRun ? "Would let \(sum) go." : "Let \(sum) go."]
    }
}
