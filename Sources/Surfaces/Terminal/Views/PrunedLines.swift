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
        let sum = "\(Amounts.count(snapshots, "snapshot")) and \(Amounts.bytes(bytes))"
        return lines + [isDryRun ? "Would let \(sum) go." : "Let \(sum) go."]
    }
}
