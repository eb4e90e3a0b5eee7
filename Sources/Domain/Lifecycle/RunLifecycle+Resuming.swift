internal import Vocabulary

extension RunLifecycle {
    /// Something waits for a person to say "go on": a stop, a hold of the run, or a held task.
    package var needsResuming: Bool {
        if isStopped { return true }
        switch phase {
        case .held, .failed: return true
        case .proving, .planning, .planProposed, .building: break
        }
        return tasks.contains { $0.displayState == .held }
    }
}
