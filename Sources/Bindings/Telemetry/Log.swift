/// Whose problem a message is.
package enum LogLevel: String, Hashable, Sendable, Comparable, CaseIterable {
    /// Our bug.
    case fault
    /// Someone's input or environment.
    case error
    /// A state transition.
    case notice
    /// For us.
    case info, debug

    private var severity: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    /// A graver level is the greater one.
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.severity > rhs.severity }
}

/// Writes messages with fields, one JSON object for each line.
///
/// A message is a sentence; ids go into fields. Logging never throws: what cannot be written is
/// dropped. It blocks only where a write to its file or descriptor blocks.
package struct Log: Sendable {
    private let sink: LogSink?
    private let least: LogLevel
    private let context: [String: String]

    /// Says nothing.
    package static let silent = Log(sink: nil, least: .fault, context: [:])

    /// Writes to a descriptor that stays open as long as the log, like 2.
    package static func descriptor(_ number: Int32, least: LogLevel = .info) -> Log {
        Log(sink: LogSink(number: number), least: least, context: [:])
    }

    /// Appends to a file. When it reaches `bytesMax` it becomes `<path>.1`, and a new one is begun.
    package static func file(_ path: String, bytesMax: Int = 8 << 20, least: LogLevel = .info) -> Log {
        Log(sink: LogSink(path: path, bytesMax: bytesMax), least: least, context: [:])
    }

    /// The same log with more fields on every line.
    package func with(_ fields: [String: String]) -> Log {
        Log(sink: sink, least: least, context: context.merging(fields) { _, new in new })
    }

    package func fault(_ message: String, _ fields: [String: String] = [:]) { write(.fault, message, fields) }
    package func error(_ message: String, _ fields: [String: String] = [:]) { write(.error, message, fields) }
    package func notice(_ message: String, _ fields: [String: String] = [:]) {
        write(.notice, message, fields)
    }
    package func info(_ message: String, _ fields: [String: String] = [:]) { write(.info, message, fields) }
    package func debug(_ message: String, _ fields: [String: String] = [:]) { write(.debug, message, fields) }

    private func write(_ level: LogLevel, _ message: String, _ fields: [String: String]) {
        guard let sink, level >= least else { return }
        let all = context.merging(fields) { _, new in new }
        sink.write(LogLine.text(level: level, message: message, fields: all))
    }
}
