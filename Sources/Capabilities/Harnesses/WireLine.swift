internal import Vocabulary

/// Tells messages from noise: harnesses print a stray log line now and then, and a broken one prints nothing
/// else.
struct WireReader: Hashable, Sendable {
    enum Line: Hashable, Sendable {
        case message(JSONValue)
        case empty
        /// No message; the text is for a notice.
        case noise(String)
        /// More noise than ``HarnessBounds/noiseLinesMax``.
        case garbage(String)
    }

    private var noiseLines = 0
    private var unknown: [String] = []

    mutating func read(_ line: String) -> Line {
        guard line.utf8.contains(where: { $0 > 0x20 }) else { return .empty }
        do throws(JSONText.Flaw) {
            let value = try JSONText.parse(line)
            if case .object = value { return .message(value) }
            return noise("It printed JSON that is no message", line)
        } catch {
            return noise("It printed a line that is no message", line)
        }
    }

    private mutating func noise(_ what: String, _ line: String) -> Line {
        noiseLines += 1
        let text = "\(what): \(VisibleText.oneLine(line, limit: 200))"
        return noiseLines > HarnessBounds.noiseLinesMax ? .garbage(text) : .noise(text)
    }

    /// A notice about a kind of message nobody here knows: once per kind, for a bounded number of kinds.
    mutating func noticeUnknown(_ kind: String) -> [HarnessAction] {
        let shown = VisibleText.oneLine(kind, limit: 80)
        guard unknown.count < HarnessBounds.unknownNoticesMax, !unknown.contains(shown) else { return [] }
        unknown.append(shown)
        return [.emit(.noticed(text: "It sent a message of an unknown kind, which was ignored: \(shown)"))]
    }
}

extension HarnessAction {
    /// One line of a protocol.
    static func send(_ message: JSONValue) -> HarnessAction { .send(JSONText.write(message)) }

    static func notice(_ text: String) -> HarnessAction {
        .emit(.noticed(text: VisibleText.oneLine(text, limit: HarnessBounds.noticeBytes)))
    }

    static func said(_ text: String) -> [HarnessAction] {
        text.isEmpty ? [] : [.emit(.said(text: VisibleText.bounded(text, limit: HarnessBounds.saidBytes)))]
    }

    static func finished(_ call: ToolCallID, _ succeeded: Bool, _ summary: String) -> HarnessAction {
        let text = VisibleText.bounded(summary, limit: HarnessBounds.summaryBytes)
        return .emit(.toolFinished(call: call, succeeded: succeeded, summary: text))
    }

    static func fail(_ failure: SessionFailure, _ message: String) -> HarnessAction {
        .finish(.failed(failure, message: VisibleText.oneLine(message, limit: HarnessBounds.noticeBytes)))
    }
}
