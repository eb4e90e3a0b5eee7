import Glibc
import Vocabulary

/// What an answer itself says about its model and its tokens.
struct MeteredUsage: Hashable {
    var model: String?
    var usage: TokenUsage?
    /// The answer is whole: nothing about its usage is still to come.
    var isComplete = false
}

/// Reads model and usage from an answer as it passes, streamed or not, in any of the dialects.
struct UsageMeter {
    private enum Form { case events, document, unreadable }

    private(set) var reading = MeteredUsage()
    private(set) var bytesSeen = 0
    private var form: Form
    private let endpoint: GatewayRoute.Endpoint
    private let bytesMax: Int
    /// Of a document all of it; of a stream the line that is not yet whole.
    private var kept: [UInt8] = []
    private var isLineTooLong = false
    private var eventData: [UInt8] = []

    init(endpoint: GatewayRoute.Endpoint, contentType: String?, contentEncoding: String?, bytesMax: Int) {
        self.endpoint = endpoint
        self.bytesMax = bytesMax
        if let contentEncoding, !contentEncoding.isEmpty, contentEncoding.lowercased() != "identity" {
            form = .unreadable
        } else {
            form = contentType?.lowercased().hasPrefix("text/event-stream") == true ? .events : .document
        }
    }

    mutating func feed(_ chunk: [UInt8]) {
        bytesSeen += chunk.count
        switch form {
        case .unreadable: return
        case .document:
            guard kept.count + chunk.count <= bytesMax else {
                form = .unreadable
                kept = []
                return
            }
            kept += chunk
        case .events: feedLines(chunk)
        }
    }

    /// The answer has ended, as it should or not.
    mutating func finish() {
        switch form {
        case .unreadable: return
        case .document:
            guard let members = JSONMembers(kept) else { return }
            take(document: members)
        case .events:
            takeLine()
            takeEvent()
        }
        kept = []
    }

    // MARK: Server-sent events

    private mutating func feedLines(_ chunk: [UInt8]) {
        var start = 0
        while let end = Self.lineEnd(in: chunk, from: start) {
            keep(chunk[start..<end])
            takeLine()
            start = end + 1
        }
        keep(chunk[start...])
    }

    private static func lineEnd(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, start < buffer.count,
                let found = memchr(base + start, Int32(UInt8(ascii: "\n")), buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private mutating func keep(_ piece: ArraySlice<UInt8>) {
        guard kept.count + piece.count <= bytesMax else {
            isLineTooLong = true
            return
        }
        kept += piece
    }

    private mutating func takeLine() {
        defer {
            kept.removeAll(keepingCapacity: true)
            isLineTooLong = false
        }
        guard !isLineTooLong else { return }
        if kept.last == UInt8(ascii: "\r") { kept.removeLast() }
        if kept.isEmpty {
            takeEvent()
        } else if kept.starts(with: "data:".utf8), eventData.count + kept.count <= bytesMax {
            eventData += kept.dropFirst(5)
        }
    }

    private mutating func takeEvent() {
        guard !eventData.isEmpty else { return }
        defer { eventData.removeAll(keepingCapacity: true) }
        guard let members = JSONMembers(eventData) else {
            // The end of a Chat Completions stream is a word, no JSON.
            if endpoint == .chatCompletions,
                eventData.drop(while: { $0 == 0x20 }).elementsEqual("[DONE]".utf8)
            {
                reading.isComplete = reading.usage != nil
            }
            return
        }
        switch endpoint {
        case .messages: takeMessages(members)
        case .responses, .compactResponses: takeResponses(members)
        case .chatCompletions:
            take(model: members)
            if let usage = members.object("usage") { reading.usage = Self.chatUsage(usage) }
        case .countTokens, .models: break
        }
    }

    private mutating func takeMessages(_ event: JSONMembers) {
        switch event.plainText("type") {
        case "message_start":
            guard let message = event.object("message") else { return }
            take(model: message)
            if let usage = message.object("usage") {
                reading.usage = Self.messagesUsage(usage, onto: TokenUsage())
            }
        case "message_delta":
            if let usage = event.object("usage") {
                reading.usage = Self.messagesUsage(usage, onto: reading.usage ?? TokenUsage())
            }
        case "message_stop": reading.isComplete = reading.usage != nil
        default: break
        }
    }

    private mutating func takeResponses(_ event: JSONMembers) {
        guard let response = event.object("response") else { return }
        take(model: response)
        guard
            ["response.completed", "response.incomplete", "response.failed"].contains(event.plainText("type"))
        else { return }
        if let usage = response.object("usage") {
            reading.usage = Self.responsesUsage(usage)
            reading.isComplete = true
        }
    }

    // MARK: Documents

    private mutating func take(document: JSONMembers) {
        take(model: document)
        guard let usage = document.object("usage") else { return }
        switch endpoint {
        case .messages: reading.usage = Self.messagesUsage(usage, onto: TokenUsage())
        case .responses, .compactResponses: reading.usage = Self.responsesUsage(usage)
        case .chatCompletions: reading.usage = Self.chatUsage(usage)
        case .countTokens, .models: return
        }
        reading.isComplete = true
    }

    private mutating func take(model members: JSONMembers) {
        guard let name = members.plainText("model"), !name.isEmpty else { return }
        // A stranger's text: bounded, and nothing in it that a terminal or a log would act on.
        reading.model = String(
            name.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7f }.map(Character.init).prefix(200))
    }

    // MARK: Figures

    /// Later figures of a message replace earlier ones; what a later event leaves out stays.
    private static func messagesUsage(_ usage: JSONMembers, onto earlier: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: count(usage, "input_tokens") ?? earlier.input,
            output: count(usage, "output_tokens") ?? earlier.output,
            cacheRead: count(usage, "cache_read_input_tokens") ?? earlier.cacheRead,
            cacheWrite: count(usage, "cache_creation_input_tokens") ?? earlier.cacheWrite)
    }

    private static func responsesUsage(_ usage: JSONMembers) -> TokenUsage {
        openAI(
            all: count(usage, "input_tokens"), output: count(usage, "output_tokens"),
            details: usage.object("input_tokens_details"))
    }

    private static func chatUsage(_ usage: JSONMembers) -> TokenUsage {
        openAI(
            all: count(usage, "prompt_tokens"), output: count(usage, "completion_tokens"),
            details: usage.object("prompt_tokens_details"))
    }

    /// OpenAI counts cached tokens into the input; we count them apart.
    private static func openAI(all: Int64?, output: Int64?, details: JSONMembers?) -> TokenUsage {
        let cached = details.flatMap { count($0, "cached_tokens") } ?? 0
        let written = details.flatMap { count($0, "cache_write_tokens") } ?? 0
        return TokenUsage(
            input: max(0, (all ?? 0) - cached - written), output: output ?? 0, cacheRead: cached,
            cacheWrite: written)
    }

    /// nil when absent. Nobody is paid for tokens: a negative count is none, an absurd one is bounded.
    private static func count(_ usage: JSONMembers, _ name: String) -> Int64? {
        usage.integer(name).map { min(max(0, $0), 1 << 40) }
    }
}
