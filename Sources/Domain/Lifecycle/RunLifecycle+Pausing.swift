package import Vocabulary

extension RunLifecycle {
    /// Why nothing of this task, or of the run itself where none is named, begins; nil: it may.
    package func pause(of task: TaskID?) -> Pause? {
        pauses.first { $0.task == nil || $0.task == task }
    }

    /// What keeps a person from pausing.
    package enum PauseRefusal: Hashable, Sendable {
        case isPaused(by: String)
        case isStopped
        /// Nothing of it goes on by itself.
        case isSettled
        case noSuchTask
    }

    /// nil: the task, or the whole run where none is named, can be paused.
    package func pauseRefusal(of task: TaskID?) -> PauseRefusal? {
        if isStopped { return .isStopped }
        if let pause = pause(of: task) { return .isPaused(by: pause.by) }
        guard let task else { return state.isSettled ? .isSettled : nil }
        guard let known = self.task(task) else { return .noSuchTask }
        return known.displayState.isSettled ? .isSettled : nil
    }

    /// The sessions at work that a pause of this task, or of the whole run, concerns.
    package func liveSessions(of task: TaskID?) -> [SessionRecord] {
        sessions.filter { $0.outcome == nil && (task == nil || $0.record.task == task) }.map(\.record)
    }
}
