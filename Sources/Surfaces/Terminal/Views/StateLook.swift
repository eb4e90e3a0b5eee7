import ControlProtocol
import Vocabulary

/// How a state looks: its glyph, its word and its colour.
struct StateLook: Hashable, Sendable {
    var glyph: String
    var word: String
    var tint: Palette.Tint?

    /// The widest word of a task's state, so that columns line up.
    static let wordWidth = 14

    private static let paused = StateLook(glyph: "‖", word: "paused", tint: .yellow)

    /// What a person paused shows that, whatever it was about.
    static func of(_ task: TaskView) -> StateLook { task.pausedBy == nil ? of(task.state) : paused }
    static func of(_ run: RunView) -> StateLook {
        run.pausedBy == nil || run.state.isSettled ? of(run.state) : paused
    }

    static func of(_ state: TaskState) -> StateLook {
        switch state {
        case .planned: StateLook(glyph: "·", word: "planned", tint: .dim)
        case .preparing: StateLook(glyph: "●", word: "preparing", tint: .blue)
        case .authoring: StateLook(glyph: "●", word: "authoring", tint: .blue)
        case .checking: StateLook(glyph: "●", word: "checking", tint: .cyan)
        case .reviewing: StateLook(glyph: "●", word: "reviewing", tint: .cyan)
        case .awaitingApproval: StateLook(glyph: "?", word: "needs approval", tint: .yellow)
        case .queued: StateLook(glyph: "●", word: "queued", tint: .cyan)
        case .testing: StateLook(glyph: "●", word: "testing", tint: .cyan)
        case .landing: StateLook(glyph: "●", word: "landing", tint: .cyan)
        case .landed: StateLook(glyph: "✓", word: "landed", tint: .green)
        case .changesRequested: StateLook(glyph: "↺", word: "sent back", tint: .yellow)
        case .conflicted: StateLook(glyph: "↺", word: "conflicted", tint: .yellow)
        case .failed: StateLook(glyph: "✗", word: "failed", tint: .red)
        case .abandoned: StateLook(glyph: "✗", word: "abandoned", tint: .dim)
        case .held: StateLook(glyph: "‖", word: "held", tint: .yellow)
        }
    }

    static func of(_ state: RunState) -> StateLook {
        switch state {
        case .proving: StateLook(glyph: "●", word: "proving the base", tint: .blue)
        case .planning: StateLook(glyph: "●", word: "planning", tint: .blue)
        case .awaitingApproval: StateLook(glyph: "?", word: "needs approval", tint: .yellow)
        case .building: StateLook(glyph: "●", word: "building", tint: .blue)
        case .landed: StateLook(glyph: "✓", word: "landed", tint: .green)
        case .planned: StateLook(glyph: "✓", word: "planned", tint: .green)
        case .held: StateLook(glyph: "‖", word: "held", tint: .yellow)
        case .failed: StateLook(glyph: "✗", word: "failed", tint: .red)
        case .stopped: StateLook(glyph: "‖", word: "stopped", tint: .yellow)
        }
    }
}
