import Vocabulary

/// Writes acts as commands of a POSIX shell, for harnesses that offer nothing but one.
enum ShellWords {
    /// `printf` and no here-document: no text can end it early.
    static func write(_ text: String, to path: String) -> String {
        var folder = ""
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            folder = "mkdir -p -- \(ShellWord.quoted(String(path[..<slash]))) && "
        }
        return "\(folder)printf %s \(ShellWord.quoted(text)) > \(ShellWord.quoted(path))"
    }

    /// Perl is part of every Debian; texts go as hexadecimal, so nothing in them means anything to shell or
    /// Perl.
    static func edit(_ path: String, old: String, new: String) -> String {
        let program = """
            my ($f, $o, $n) = ($ARGV[0], map { pack "H*", $_ } @ARGV[1, 2]); \
            open my $h, "<", $f or die "$f: $!\\n"; binmode $h; my $t = <$h>; close $h; \
            my $i = index $t, $o; $i >= 0 or die "$f: the text to replace is not there\\n"; \
            substr($t, $i, length $o) = $n; \
            open $h, ">", $f or die "$f: $!\\n"; binmode $h; print $h $t; close $h or die "$f: $!\\n";
            """
        return """
            perl -0777 -e \(ShellWord.quoted(program)) -- \(ShellWord.quoted(path)) '\(hex(old))' \
            '\(hex(new))'
            """
    }

    static func read(_ path: String) -> String { "cat -- \(ShellWord.quoted(path))" }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
