import Testing
import Vocabulary

@Suite("Text of strangers, made visible") struct VisibleTextTests {
    @Test(
        "shows what would hide, move or reorder",
        arguments: [
            ("plain", "plain"), ("tab\tand\nline", "tab\tand\nline"), ("a\r\nb", "a\nb"),
            ("a\rb", "a\\u{d}b"),
            ("\u{1B}[2J", "\\u{1b}[2J"), ("\u{9B}31m", "\\u{9b}31m"), ("a\u{202E}b", "a\\u{202e}b"),
            ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"), ("a\u{200B}b", "a\\u{200b}b"),
            ("\u{FEFF}x", "\\u{feff}x"),
            ("\u{E0041}", "\\u{e0041}"), ("\0", "\\u{0}"), ("\u{7F}", "\\u{7f}"),
            ("grün 漢字 👩‍🚀", "grün 漢字 👩‍🚀"),
        ])
    func escapes(text: String, shown: String) {
        #expect(VisibleText.bounded(text, limit: 1_000) == shown)
    }

    @Test("puts everything on one line where one line is meant") func oneLine() {
        #expect(VisibleText.oneLine("a\nb\tc\r\nd", limit: 100) == "a\\nb\\tc\\nd")
    }

    @Test(
        "cuts at whole characters and counts what it cut",
        arguments: [(5, "grün"), (4, "grü"), (3, "gr"), (0, "")])
    func cuts(limit: Int, kept: String) {
        let cut = 5 - kept.utf8.count
        #expect(VisibleText.bounded("grün", limit: limit) == kept + (cut == 0 ? "" : "… (\(cut) bytes more)"))
    }
}
