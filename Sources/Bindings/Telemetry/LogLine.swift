import Glibc

/// Puts one message into one line of JSON, with its keys in a fixed order.
enum LogLine {
    /// The longest value; the rest is cut and an ellipsis put in its place.
    static let valueBytesMax = 4096

    static func text(level: LogLevel, message: String, fields: [String: String]) -> String {
        var line = "{\"time\":\"\(now())\",\"level\":\"\(level.rawValue)\",\"message\":"
        line += quoted(message)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += ",\(quoted(key)):\(quoted(value))"
        }
        return line + "}\n"
    }

    private static func quoted(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var result: [UInt8] = [0x22]
        for byte in bounded(text) {
            switch byte {
            case 0x22, 0x5C: result += [0x5C, byte]
            case 0x0A: result += [0x5C, 0x6E]
            case 0..<0x20, 0x7F:
                result += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: result.append(byte)
            }
        }
        result.append(0x22)
        return String(decoding: result, as: UTF8.self)
    }

    private static func bounded(_ text: String) -> [UInt8] {
        guard text.utf8.count > valueBytesMax else { return Array(text.utf8) }
        return Array(String(decoding: text.utf8.prefix(valueBytesMax), as: UTF8.self).utf8) + Array("…".utf8)
    }

    private static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let text = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let milliseconds = String(time.tv_nsec / 1_000_000)
        return "\(text).\(String(repeating: "0", count: 3 - milliseconds.count))\(milliseconds)Z"
    }
}
