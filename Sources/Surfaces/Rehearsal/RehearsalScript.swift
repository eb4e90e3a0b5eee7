package import Vocabulary

/// Scenes to play, tried in order: the first that matches a request is played.
package struct RehearsalScript: Sendable, Hashable {
    package var scenes: [RehearsalScene]
    package init(scenes: [RehearsalScene]) { self.scenes = scenes }
}

/// One conversation: which requests belong to it, and what is answered step by step.
package struct RehearsalScene: Sendable, Hashable {
    package var match: RehearsalMatch
    package var steps: [RehearsalStep]
    package init(match: RehearsalMatch, steps: [RehearsalStep]) {
        self.match = match
        self.steps = steps
    }
}

/// Which requests a scene is for; what is nil matches anything.
///
/// `role`, `task` and `round` match the lines `graftwork-role: …`, `graftwork-task: …`, `graftwork-round: …`
/// of the prompt; `contains` matches anywhere in it.
package struct RehearsalMatch: Sendable, Hashable {
    package var role: String?
    package var task: String?
    package var round: Int?
    package var contains: String?
    package init(role: String? = nil, task: String? = nil, round: Int? = nil, contains: String? = nil) {
        self.role = role
        self.task = task
        self.round = round
        self.contains = contains
    }
}

/// One answer of the scripted model.
package struct RehearsalStep: Sendable, Hashable {
    /// Text that goes with the tool calls, or is the whole answer.
    package var say: String?
    /// Tool calls, all made in this one answer.
    package var calls: [RehearsalCall]
    /// A structured answer: by the tool `StructuredOutput` where it is offered, else as text.
    package var json: JSONValue?
    package var fault: RehearsalFault?
    package var delayMilliseconds: Int
    /// nil: figures that are not zero.
    package var usage: TokenUsage?

    package init(
        say: String? = nil, calls: [RehearsalCall] = [], json: JSONValue? = nil, fault: RehearsalFault? = nil,
        delayMilliseconds: Int = 0, usage: TokenUsage? = nil
    ) {
        self.say = say
        self.calls = calls
        self.json = json
        self.fault = fault
        self.delayMilliseconds = delayMilliseconds
        self.usage = usage
    }

    package static func say(_ text: String) -> Self { Self(say: text) }
    package static func final(_ text: String) -> Self { Self(say: text) }
    package static func shell(_ command: String) -> Self { Self(calls: [.shell(command)]) }
    package static func write(_ path: String, _ text: String) -> Self {
        Self(calls: [.write(path: path, text: text)])
    }
    package static func edit(_ path: String, old: String, new: String) -> Self {
        Self(calls: [.edit(path: path, old: old, new: new)])
    }
    package static func read(_ path: String) -> Self { Self(calls: [.read(path: path)]) }
    package static func parallel(_ calls: [RehearsalCall]) -> Self { Self(calls: calls) }
    package static func json(_ value: JSONValue) -> Self { Self(json: value) }
    package static func fault(_ fault: RehearsalFault) -> Self { Self(fault: fault) }
}

/// An act a step asks for, whichever tool of the harness does it.
package enum RehearsalCall: Sendable, Hashable {
    case shell(String)
    case write(path: String, text: String)
    /// Replaces the one place where `old` stands.
    case edit(path: String, old: String, new: String)
    case read(path: String)
}

/// What goes wrong on purpose.
package enum RehearsalFault: Sendable, Hashable {
    /// An HTTP error in the dialect's own shape.
    case status(Int)
    /// The answer breaks off in the middle.
    case cut
    /// Headers, then nothing, until the client goes away.
    case hang
    /// 200 and bytes that mean nothing.
    case garbage
}
