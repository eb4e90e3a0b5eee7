/// What a harness may make us keep. All of it comes from a program that runs a stranger's instructions.
enum HarnessBounds {
    /// The text of one `said` event.
    static let saidBytes = 32 << 10
    /// What a tool answered, in one `toolFinished` event.
    static let summaryBytes = 2 << 10
    static let noticeBytes = 1 << 10
    /// The final text, as recorded; a JSON document in it is looked for before the cut.
    static let answerBytes = 1 << 20
    /// The whole output of a `command` harness.
    static let outputBytes = 4 << 20
    /// A command line that a policy decides on. A longer one is refused: it could hide what it does behind
    /// the cut.
    static let commandBytes = 64 << 10
    static let pathBytes = 4 << 10
    static let pathsMax = 512
    /// One text inside a tool's input; longer ones are cut in what is recorded.
    static let inputTextBytes = 16 << 10
    /// Values inside a tool's input.
    static let inputValuesMax = 2_000
    static let inputDepthMax = 16
    static let idBytes = 200
    /// Tool calls that wait for an answer at the same time.
    static let openCallsMax = 64
    /// Answers remembered for a second question about the same call.
    static let answersMax = 4_096
    /// Lines that are no message of the protocol; one more, and the session ends as garbage.
    static let noiseLinesMax = 50
    /// Notices about messages nobody here knows.
    static let unknownNoticesMax = 20
}
