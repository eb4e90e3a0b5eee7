import Testing
import Vocabulary

@testable import Terminal

@Suite("Text from outside") struct SafeTextTests {
    @Test("never reaches the terminal as a control sequence")
    func controls() {
        #expect(SafeText.line("a\u{1B}[2Jb\u{07}\u{9B}c") == "a\\u{1b}[2Jb\\u{7}\\u{9b}c")
        #expect(SafeText.line("one\ntwo\tthree\r\nfour") == "one two three  four")
        #expect(SafeText.block("one\ntwo\r\n\u{1B}]0;title\u{07}") == "one\ntwo\n\\u{1b}]0;title\\u{7}")
    }

    @Test("cannot reorder, hide or cover what stands around it")
    func bidirectional() {
        #expect(SafeText.line("abc\u{202E}txt.exe\u{2066}") == "abc\\u{202e}txt.exe\\u{2066}")
        #expect(SafeText.line("a\u{200B}b\u{FEFF}c\u{E0041}") == "a\\u{200b}b\\u{feff}c\\u{e0041}")
        #expect(SafeText.line("a\u{2028}b\u{E000}") == "a b\\u{e000}")
        let covering = "e" + String(repeating: "\u{0301}", count: 50)
        #expect(SafeText.line(covering).unicodeScalars.count <= 4)
    }

    @Test("keeps every script and emoji as they are")
    func scripts() {
        let text = "naïve Ünïcode 漢字 한국어 עברית العربية हिन्दी 👩‍👩‍👧 ✅️"
        #expect(SafeText.line(text) == text)
    }

    @Test("is cut where it is too long")
    func bounded() { #expect(SafeText.line("abcdef", charactersMax: 3) == "abc…") }
}

@Suite("Display width") struct DisplayWidthTests {
    @Test("counts wide characters and emoji as two columns")
    func widths() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("漢字") == 4)
        #expect(DisplayWidth.of("e\u{0301}") == 1)
        #expect(DisplayWidth.of("👩‍👩‍👧") == 2)
        #expect(DisplayWidth.of("✅") == 2)
        #expect(DisplayWidth.of("●✓✗‖↺·") == 6)
    }

    @Test("cuts text to its columns, a wide character never in half")
    func cuts() {
        #expect(DisplayWidth.cut("abcdef", to: 6) == "abcdef")
        #expect(DisplayWidth.cut("abcdef", to: 5) == "abcd…")
        #expect(DisplayWidth.cut("漢字漢字", to: 5) == "漢字…")
        #expect(DisplayWidth.cut("漢字漢字", to: 4) == "漢…")
        #expect(DisplayWidth.cut("abc", to: 0) == "")
        for width in 0...12 { #expect(DisplayWidth.of(DisplayWidth.fit("a漢b👩‍👩‍👧字cd", to: width)) == width) }
    }

    @Test("wraps at spaces") func wraps() {
        #expect(DisplayWidth.wrap("one two three four", to: 9) == ["one two", "three", "four"])
        #expect(DisplayWidth.wrap("unbreakable", to: 4) == ["unbreakable"])
    }

    @Test("sentences are broken between words, keep their lines and their indent, and only on a screen")
    func prose() {
        let text =
            "One sentence that is long.\n  next: run `graftwork doctor` and read\n\n/a/path/longer/than/all"
        #expect(
            Prose.lines(text, columns: 22) == [
                "One sentence that is", "long.", "  next: run `graftwork", "  doctor` and read", "",
                "/a/path/longer/than/all",
            ])
        #expect(Prose.text(text, columns: nil) == text)
        #expect(Prose.lines("a  b   c", columns: 8) == ["a  b   c"])
    }
}

@Suite("A table") struct TextTableTests {
    private func lines(_ width: Int?) -> [String] {
        var table = TextTable([
            .init("NAME"), .init("FIRST", yield: .init(rank: 0, cutTo: 3, canBeLeftOut: true)),
            .init("SUM", .right, yield: .init(rank: 1, cutTo: nil, canBeLeftOut: true)),
            .init("LAST", yield: .init(rank: 2, cutTo: 3)),
        ])
        table.rows = [[.init("abcdef"), .init("ghijkl"), .init("12345"), .init("mnopqr")]]
        return table.lines(width: width, palette: Palette(isColoured: false))
    }

    @Test("gives way column by column: cut, then left out, then the next; what has no rank never")
    func givesWay() {
        #expect(lines(nil) == ["NAME    FIRST     SUM  LAST", "abcdef  ghijkl  12345  mnopqr"])
        #expect(lines(29) == lines(nil))
        #expect(lines(27) == ["NAME    FIR…    SUM  LAST", "abcdef  ghi…  12345  mnopqr"])
        #expect(lines(25) == ["NAME      SUM  LAST", "abcdef  12345  mnopqr"])
        #expect(lines(20) == ["NAME    LAST", "abcdef  mnopqr"])
        #expect(lines(12) == ["NAME    LAST", "abcdef  mno…"])
        #expect(lines(1) == ["NAME    LA…", "abcdef  mn…"])
    }
}

@Suite("Amounts") struct AmountsTests {
    @Test("money is exact below a dollar, in cents above, and never shown as nothing when it is something")
    func money() {
        let amounts: [Int64] = [0, 10, 12_300, 999_960, 1_000_000, 12_345_678, -2_500_000]
        #expect(
            amounts.map { Amounts.money(Money(microdollars: $0)) } == [
                "$0", "<$0.0001", "$0.0123", "$1.00", "$1.00", "$12.35", "-$2.50",
            ])
        #expect(Amounts.money(Money(microdollars: 12_300), isPartial: true) == "≥$0.0123")
    }

    @Test("durations and times of day") func times() {
        #expect(
            [0, 59.9, 60, 3599, 3661, 90_000, -5, .infinity].map(Amounts.elapsed) == [
                "0s", "59s", "1m 00s", "59m 59s", "1h 01m", "1d 01h", "0s", "0s",
            ])
        #expect(Amounts.timeOfDay(3661, secondsFromUTC: 0) == "01:01:01")
        #expect(Amounts.timeOfDay(3661, secondsFromUTC: -7200) == "23:01:01")
        #expect(Amounts.timeOfDay(.nan, secondsFromUTC: 0) == "--:--:--")
    }

    @Test("thousands are grouped") func grouped() {
        #expect([7, 1234, 1_234_567].map(Amounts.grouped) == ["7", "1,234", "1,234,567"])
    }

    @Test("colour is for terminals, and NO_COLOR and dumb terminals have none")
    func colours() {
        #expect(Palette.fitting(isTerminal: true, environment: ["TERM": "xterm"]).isColoured)
        #expect(!Palette.fitting(isTerminal: true, environment: ["NO_COLOR": "1"]).isColoured)
        #expect(Palette.fitting(isTerminal: true, environment: ["NO_COLOR": ""]).isColoured)
        #expect(!Palette.fitting(isTerminal: true, environment: ["TERM": "dumb"]).isColoured)
        #expect(!Palette.fitting(isTerminal: false, environment: [:]).isColoured)
        #expect(Palette(isColoured: true).paint("x", .red) == "\u{1B}[31mx\u{1B}[0m")
    }
}
