/// Words of a POSIX shell, for commands that people read and copy and for harnesses that take nothing else.
///
/// Graftwork itself starts programs from an array of arguments and never through a shell.
package enum ShellWord {
    /// One word of the shell, whatever is in it.
    package static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
