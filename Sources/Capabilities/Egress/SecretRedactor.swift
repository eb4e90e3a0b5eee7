/// Takes a key out of what an upstream sends back, also where it is split over two chunks.
///
/// Covers the key as it was sent. An upstream that encodes it first (base64, escapes) is not covered.
struct SecretRedactor {
    static let replacement = Array("[redacted]".utf8)
    /// Shorter ones are no secrets, and would be found in every second word.
    static let secretBytesMin = 8

    private let secret: [UInt8]
    /// The end of the last chunk, where it could be the beginning of the key.
    private var held: [UInt8] = []

    init(secret: String?) {
        let bytes = Array((secret ?? "").utf8)
        self.secret = bytes.count >= Self.secretBytesMin ? bytes : []
    }

    func redacted(_ text: String) -> String {
        guard !secret.isEmpty else { return text }
        var copy = SecretRedactor(secret: nil, bytes: secret)
        return String(decoding: copy.feed(Array(text.utf8)) + copy.finish(), as: UTF8.self)
    }

    private init(secret: String?, bytes: [UInt8]) { self.secret = bytes }

    /// What may be passed on now: everything but an end that could be the beginning of the key.
    mutating func feed(_ chunk: [UInt8]) -> [UInt8] {
        guard let first = secret.first else { return chunk }
        let bytes = held.isEmpty ? chunk : held + chunk
        held = []
        var output: [UInt8] = []
        var copied = 0
        var at = 0
        while let candidate = bytes[at...].firstIndex(of: first) {
            let rest = bytes[candidate...].prefix(secret.count)
            if rest.elementsEqual(secret) {
                output += bytes[copied..<candidate] + Self.replacement
                at = candidate + secret.count
                copied = at
            } else if rest.count < secret.count, secret.starts(with: rest) {
                held = Array(rest)
                return output.isEmpty && copied == 0
                    ? Array(bytes[..<candidate]) : output + bytes[copied..<candidate]
            } else {
                at = candidate + 1
            }
        }
        return copied == 0 ? bytes : output + bytes[copied...]
    }

    /// What was held back, when nothing follows.
    mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }
}
