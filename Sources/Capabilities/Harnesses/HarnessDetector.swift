internal import Vocabulary

/// Finds the harnesses that are installed on this machine.
package enum HarnessDetector {
    /// The programs found, in the order built-in, claude, codex; of each the first place that has it.
    ///
    /// - Parameters:
    ///   - path: the folders of the user's `PATH`.
    ///   - cache: the folder `scripts/harnesses` fills; searched after the path.
    ///   - executableFolder: where our own programs are; the built-in agent is beside them.
    package static func detect(
        searching path: [String], cache: String?, agentBeside executableFolder: String
    ) -> [HarnessProgram] {
        []
    }

    /// What the program answers to `--version`, or nil when it does not answer with a line in time.
    package static func version(of program: HarnessProgram) async -> String? { nil }
}
