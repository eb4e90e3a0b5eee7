/// A name and its value as YAML and JSON write them, found without knowing which of the two a line is of.
struct Mapping: Hashable {
    var key: String
    var value: String
    var isQuoted: Bool

    private static let keyBytesMax = 200

    /// Every pair of a line. What is no mapping but looks like one, such as code, is found too.
    static func all(in line: [UInt8]) -> [Mapping] {
        var found: [Mapping] = []
        for colon in line.indices where line[colon] == UInt8(ascii: ":") {
            guard let key = key(before: colon, in: line) else { continue }
            var start = colon + 1
            while start < line.count, isSpace(line[start]) { start += 1 }
            guard start < line.count else { continue }
            if isQuote(line[start]) {
                let value = quoted(from: start, in: line)
                found.append(Mapping(key: key.text, value: value, isQuoted: true))
            } else if start > colon + 1 || key.isQuoted {
                // Without a space it is part of a word, like the colon of `https://`.
                let end = line[start...].firstIndex { isSpace($0) || ",}".utf8.contains($0) } ?? line.count
                let value = String(decoding: line[start..<end], as: UTF8.self)
                found.append(Mapping(key: key.text, value: value, isQuoted: false))
            }
        }
        return found
    }

    private static func key(before colon: Int, in line: [UInt8]) -> (text: String, isQuoted: Bool)? {
        var end = colon
        while end > 0, isSpace(line[end - 1]) { end -= 1 }
        let floor = max(0, end - keyBytesMax)
        guard end > floor else { return nil }
        let isQuoted = isQuote(line[end - 1])
        let start: Int
        if isQuoted {
            end -= 1
            guard let open = line[floor..<end].lastIndex(of: line[end]) else { return nil }
            start = open + 1
        } else {
            start = (line[floor..<end].lastIndex { !isKeyByte($0) } ?? floor - 1) + 1
        }
        guard start < end else { return nil }
        return (String(decoding: line[start..<end], as: UTF8.self), isQuoted)
    }

    private static func quoted(from open: Int, in line: [UInt8]) -> String {
        var bytes: [UInt8] = []
        var index = open + 1
        while index < line.count, line[index] != line[open] {
            if line[index] == UInt8(ascii: "\\"), index + 1 < line.count { index += 1 }
            bytes.append(line[index])
            index += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }
    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "_-.".utf8.contains(byte)
    }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
