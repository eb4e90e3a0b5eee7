internal import Linux
package import Vocabulary

/// Finds out which harness programs their user has logged in to, by the files the programs themselves keep.
///
/// Only that a file is there is looked at; what it holds is never read here.
package enum LoginDetector {
    /// Claude Code keeps `~/.claude/.credentials.json`, Codex `~/.codex/auth.json` (both as seen on Linux).
    package static func loggedIn(home: String) -> Set<HarnessKind> {
        var found: Set<HarnessKind> = []
        if Files.exists("\(home)/.claude/.credentials.json") { found.insert(.claude) }
        if Files.exists("\(home)/.codex/auth.json") { found.insert(.codex) }
        return found
    }
}
