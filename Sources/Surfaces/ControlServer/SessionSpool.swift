internal import Agents
internal import Vocabulary

/// What one session said and did, read from its spool as far as it is written.
struct SessionSpool: Sendable {
    struct Entry: Sendable {
        var number: Int
        /// Unix seconds.
        var at: Double
        var event: SessionEvent
    }
    let directory: String

    /// The entries after a number; none when the session never began.
    func entries(after number: Int) throws -> [Entry] {
        guard var reader = try SpoolReader(path: SessionFiles(directory: directory).spool) else { return [] }
        var entries: [Entry] = []
        while true {
            let batch = try reader.nextEntries()
            if batch.isEmpty { return entries }
            entries += batch.filter { $0.n > number }
                .map { Entry(number: $0.n, at: Double($0.at) / 1_000, event: $0.event) }
        }
    }
}
