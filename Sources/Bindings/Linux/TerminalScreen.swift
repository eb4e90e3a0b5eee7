import CLinux
import Glibc

/// What is known of the terminal behind a descriptor.
package struct TerminalScreen: Hashable, Sendable {
    package let columns: Int
    package let rows: Int

    /// Nil when the descriptor is no terminal.
    package init?(descriptor number: Int32) {
        guard Self.isTerminal(number) else { return nil }
        var columns: Int32 = 0
        var rows: Int32 = 0
        // A terminal that does not know its size (a serial line) is taken to be the classic one.
        let isKnown = CLinux_terminal_size(number, &columns, &rows) == 0 && columns > 0 && rows > 0
        self.columns = isKnown ? Int(columns) : 80
        self.rows = isKnown ? Int(rows) : 24
    }

    package static func isTerminal(_ number: Int32) -> Bool { isatty(number) == 1 }
}
