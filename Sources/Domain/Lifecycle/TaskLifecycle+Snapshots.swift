internal import Vocabulary

extension TaskLifecycle {
    /// Older turns than these are no longer told apart; their snapshots stay as long as retention says.
    static let turnsMax = 1_000

    /// The files the author's next turn begins with are those that lie there now.
    mutating func beginTurn() { turnBegan = standsAt ?? worktree?.base }

    mutating func snapshotTaken(_ record: SnapshotRecord) throws(IllegalTransition) {
        guard worktree != nil else {
            throw IllegalTransition(fact: "snapshotTaken of task \(task.id)", state: "\(displayState)")
        }
        snapshots = max(snapshots, record.number)
        lastSnapshot = record
        standsAt = record.tree
        if record.occasion == .turn { endTurn(record) }
    }

    /// The same turn again, saved later, is still one turn: what was written until then belongs to it.
    private mutating func endTurn(_ record: SnapshotRecord) {
        let turn = record.turn ?? 1
        if let last = turns.indices.last, turns[last].session == record.session,
            turns[last].turnOfSession == turn, turns[last].attempt == record.attempt
        {
            turns[last].to = record.tree
            turns[last].snapshot = record.number
        } else {
            turns.append(
                AuthorTurn(
                    number: (turns.last?.number ?? 0) + 1, attempt: record.attempt, session: record.session,
                    turnOfSession: turn, from: turnBegan ?? record.base, to: record.tree,
                    snapshot: record.number))
            if turns.count > Self.turnsMax { turns.removeFirst() }
        }
        turnBegan = record.tree
    }

    /// Journals from before turns were saved tell of an attempt's candidate only.
    mutating func noteTurn(of candidate: Candidate, snapshot: Int) {
        defer { standsAt = candidate.tree }
        guard turns.last?.attempt != attempt else { return }
        endTurn(
            SnapshotRecord(
                number: snapshot, tree: candidate.tree, commit: candidate.commit, base: candidate.base,
                attempt: attempt, occasion: .turn))
    }
}
