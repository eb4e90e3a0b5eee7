/// The person or program at the other end: where text goes, where answers come from, what the screen is like.
package struct Console: Sendable {
    package struct Screen: Hashable, Sendable {
        package var columns: Int
        package var rows: Int
        package init(columns: Int, rows: Int) {
            self.columns = columns
            self.rows = rows
        }
    }
    /// What happens at the terminal while a live view is drawn.
    package enum Signal: Hashable, Sendable {
        case key(Character)
        case resized
        /// The program was stopped by Ctrl-Z and goes on: what is on the screen now is the shell's.
        case resumed
        /// Ctrl-C, or the terminal went away.
        case interrupted
    }

    /// Standard output, as it is.
    package var write: @Sendable (String) async -> Void
    /// Standard error, as it is.
    package var writeError: @Sendable (String) async -> Void
    /// Reads one line that a person types; nil at the end of input.
    package var readLine: @Sendable () async -> String?
    /// Calls back for keys and signals until the returned closure is called. Keys come one by one and
    /// unechoed.
    package var listen:
        @Sendable (_ onSignal: @escaping @Sendable (Signal) -> Void, _ keys: Bool) -> @Sendable () -> Void
    package var screen: @Sendable () -> Screen?
    /// The width of the terminal that standard error goes to; nil: it goes to none.
    package var errorColumns: @Sendable () -> Int?
    /// Unix seconds.
    package var now: @Sendable () -> Double
    /// Both standard input and standard output are terminals.
    package var isInteractive: Bool
    package var palette: Palette
    package var errorPalette: Palette
    package var secondsFromUTC: Int

    package init(
        write: @escaping @Sendable (String) async -> Void,
        writeError: @escaping @Sendable (String) async -> Void,
        readLine: @escaping @Sendable () async -> String?,
        listen: @escaping @Sendable (@escaping @Sendable (Signal) -> Void, Bool) -> @Sendable () -> Void,
        screen: @escaping @Sendable () -> Screen?, errorColumns: @escaping @Sendable () -> Int?,
        now: @escaping @Sendable () -> Double, isInteractive: Bool,
        palette: Palette, errorPalette: Palette, secondsFromUTC: Int
    ) {
        self.write = write
        self.writeError = writeError
        self.readLine = readLine
        self.listen = listen
        self.screen = screen
        self.errorColumns = errorColumns
        self.now = now
        self.isInteractive = isInteractive
        self.palette = palette
        self.errorPalette = errorPalette
        self.secondsFromUTC = secondsFromUTC
    }

    static let columnsElsewhere = 80

    /// For wrapped text; 80 where the output is no terminal.
    package var columns: Int { screen()?.columns ?? Self.columnsElsewhere }

    package func say(_ line: String) async { await write(line + "\n") }
    package func say(_ lines: [String]) async {
        if !lines.isEmpty { await write(lines.joined(separator: "\n") + "\n") }
    }
    /// A sentence for the person, on standard output; never for what a program would read there.
    package func tell(_ sentence: String) async {
        await say(Prose.text(sentence, columns: screen()?.columns))
    }
    /// The same on standard error, where nothing else than sentences goes.
    package func warn(_ sentence: String) async {
        await writeError(Prose.text(sentence, columns: errorColumns()) + "\n")
    }

    /// A question with a default, asked again once when the answer is neither; then the default holds.
    package func confirm(_ question: String, defaultsToYes: Bool) async -> Bool {
        for _ in 0..<2 {
            await write(palette.paint(question, .bold) + (defaultsToYes ? " [Y/n] " : " [y/N] "))
            guard let answer = await readLine() else { break }
            switch answer.lowercased() {
            case "y", "yes": return true
            case "n", "no": return false
            case "": return defaultsToYes
            // Anything else is a slip of the fingers.
            default: continue
            }
        }
        return defaultsToYes
    }
}
