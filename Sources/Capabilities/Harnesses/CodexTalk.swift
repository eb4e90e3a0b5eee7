import Vocabulary

/// What Codex is told during its turns, from a person's words to the item by which Codex takes them in.
struct CodexTalk: Sendable {
    private enum State: Hashable, Sendable {
        case waiting
        /// Sent; Codex has not said yet whether the turn still takes it.
        case sent
        /// The turn will take it in.
        case promised
        /// A turn was asked for that begins with it.
        case begins
    }
    private var messages: [(message: ToldMessage, state: State)] = []

    var isEmpty: Bool { messages.isEmpty }

    mutating func add(_ message: ToldMessage) { messages.append((message, .waiting)) }

    /// Those to send into the turn under way.
    mutating func send() -> [ToldMessage] {
        var sending: [ToldMessage] = []
        for index in messages.indices where messages[index].state == .waiting {
            messages[index].state = .sent
            sending.append(messages[index].message)
        }
        return sending
    }

    mutating func replied(_ number: Int, isTaken: Bool) {
        guard let index = messages.firstIndex(where: { $0.message.number == number }) else { return }
        messages[index].state = isTaken ? .promised : .waiting
    }

    /// The number of the message that was taken in; nil when it is none of ours.
    mutating func heard(_ id: String) -> Int? {
        guard let index = messages.firstIndex(where: { $0.message.id == id }) else { return nil }
        return messages.remove(at: index).message.number
    }

    /// The number of the message that the turn begins with; nil when it began with the session's own prompt.
    mutating func turnBegan() -> Int? {
        guard let index = messages.firstIndex(where: { $0.state == .begins }) else { return nil }
        return messages.remove(at: index).message.number
    }

    /// A promise is over with its turn: said twice is better than lost.
    mutating func turnEnded() {
        for index in messages.indices where messages[index].state == .promised {
            messages[index].state = .waiting
        }
    }

    /// What the next turn begins with; nil while a reply is still to come.
    mutating func next() -> ToldMessage? {
        guard !messages.contains(where: { $0.state == .sent }) else { return nil }
        guard let index = messages.firstIndex(where: { $0.state == .waiting }) else { return nil }
        messages[index].state = .begins
        return messages[index].message
    }
}
