import Vocabulary

/// A tool call the model asks for.
struct ModelCall: Hashable, Sendable {
    /// The model's own identifier, which its result must carry.
    var id: String
    var name: String
    var input: JSONValue
}

/// What was said so far, independent of the wire format but for the model's own answers, which are replayed
/// as they came.
struct Dialogue: Hashable, Sendable {
    enum Entry: Hashable, Sendable {
        case user(String)
        /// `raw` is the answer in the dialect's own shape.
        case model(text: String, calls: [ModelCall], raw: JSONValue)
        case results([CallResult])
    }
    struct CallResult: Hashable, Sendable {
        var call: String
        var text: String
        var failed: Bool
    }

    var folder: String
    var entries: [Entry] = []
    /// Calls told to the client so far; numbers them through the whole conversation.
    var callsTold = 0

    init(folder: String) { self.folder = folder }

    /// The conversation with the oldest tool output left out until it fits.
    ///
    /// Entries stay, for every call needs its result; the last results stay whole, for they are what is
    /// worked on.
    func trimmed(to bytesMax: Int) -> Dialogue {
        var copy = self
        var bytes = entries.reduce(0) { $0 + Self.bytes(of: $1) }
        for index in copy.entries.indices.dropLast(2) {
            guard bytes > bytesMax else { break }
            guard case .results(let results) = copy.entries[index] else { continue }
            let shortened = results.map { result in
                result.text.utf8.count <= 200
                    ? result
                    : CallResult(
                        call: result.call,
                        text: "[left out to save room; call the tool again if you need it]",
                        failed: result.failed)
            }
            bytes -= Self.bytes(of: .results(results)) - Self.bytes(of: .results(shortened))
            copy.entries[index] = .results(shortened)
        }
        return copy
    }

    private static func bytes(of entry: Entry) -> Int {
        switch entry {
        case .user(let text): text.utf8.count
        case .model(_, _, let raw): JSONText.write(raw).utf8.count
        case .results(let results): results.reduce(0) { $0 + $1.text.utf8.count }
        }
    }
}

// MARK: as JSON, for the session file

extension Dialogue {
    var json: JSONValue {
        let entries = entries.map { entry -> JSONValue in
            switch entry {
            case .user(let text): return ["user": .string(text)]
            case .model(let text, let calls, let raw):
                let calls = calls.map {
                    ["id": .string($0.id), "name": .string($0.name), "input": $0.input] as JSONValue
                }
                return ["model": .string(text), "calls": .array(calls), "raw": raw]
            case .results(let results):
                return [
                    "results": .array(
                        results.map {
                            ["call": .string($0.call), "text": .string($0.text), "failed": .bool($0.failed)]
                        })
                ]
            }
        }
        return ["folder": .string(folder), "callsTold": .int(Int64(callsTold)), "entries": .array(entries)]
    }

    /// nil when the document is no conversation.
    init?(json: JSONValue) {
        guard let folder = json["folder"]?.stringValue, let entries = json["entries"]?.arrayValue,
            let told = json["callsTold"]?.intValue
        else { return nil }
        self.init(folder: folder)
        callsTold = Int(clamping: told)
        for entry in entries {
            if let text = entry["user"]?.stringValue {
                self.entries.append(.user(text))
            } else if let text = entry["model"]?.stringValue, let raw = entry["raw"] {
                let calls = (entry["calls"]?.arrayValue ?? []).compactMap { call -> ModelCall? in
                    guard let id = call["id"]?.stringValue, let name = call["name"]?.stringValue else {
                        return nil
                    }
                    return ModelCall(id: id, name: name, input: call["input"] ?? .null)
                }
                self.entries.append(.model(text: text, calls: calls, raw: raw))
            } else if let results = entry["results"]?.arrayValue {
                self.entries.append(
                    .results(
                        results.compactMap { result in
                            guard let call = result["call"]?.stringValue,
                                let text = result["text"]?.stringValue
                            else {
                                return nil
                            }
                            return CallResult(
                                call: call, text: text, failed: result["failed"]?.boolValue ?? false)
                        }))
            } else {
                return nil
            }
        }
    }
}
