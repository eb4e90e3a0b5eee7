package import Linux

/// What to start, completely: nothing is inherited that is not named here.
package struct ChildCommand: Sendable {
    /// To which process group, and so to which signals of a terminal, the child belongs.
    package enum Grouping: Hashable, Sendable {
        /// A group of its own, which is signalled and ended as a whole.
        case ownGroup
        /// A session of its own: no terminal, and it outlives the one it was started from.
        case ownSession
        /// The caller's group, for programs that talk to the person at the terminal.
        case callersGroup
    }

    /// A descriptor of this process under the number it has in the child.
    package struct PassedDescriptor: Sendable {
        package let descriptor: Descriptor
        package let number: Int32
        package init(_ descriptor: Descriptor, as number: Int32) {
            self.descriptor = descriptor
            self.number = number
        }
    }

    /// The first is the program: a path, or a name searched in the `PATH` of `environment`.
    package var argv: [String]
    /// Exactly this; nothing of the caller's environment is added.
    package var environment: [String: String]
    /// Nil: the caller's.
    package var workingDirectory: String?
    package var grouping: Grouping
    package var passedDescriptors: [PassedDescriptor]
    /// How much memory of its own the program may have: RLIMIT_DATA of setrlimit(2), which counts no file
    /// that it only reads. Each of its children has as much again. Nil: as much as there is.
    package var memoryBytesMax: UInt?
    /// Whether what is left of the group is killed when the child has ended by itself.
    package var endsGroupWithChild: Bool

    package init(
        _ argv: [String], environment: [String: String], workingDirectory: String? = nil,
        grouping: Grouping = .ownGroup, passedDescriptors: [PassedDescriptor] = [],
        memoryBytesMax: UInt? = nil, endsGroupWithChild: Bool = true
    ) {
        self.argv = argv
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.grouping = grouping
        self.passedDescriptors = passedDescriptors
        self.memoryBytesMax = memoryBytesMax
        self.endsGroupWithChild = endsGroupWithChild
    }
}

/// Where one of the three standard descriptors of a child leads.
package enum StandardDescriptor: Sendable {
    case null
    /// A pipe whose other end `RunningChild` holds.
    case pipe
    case descriptor(Descriptor)
    /// The same as this process has.
    case inherited
}

/// How a child ended. A non-zero code is a normal result.
package enum Termination: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(0) }

    package var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signalled(let signal): "was ended by signal \(signal)"
        }
    }
}

/// A program that could not be started.
package struct SpawnError: Error, Hashable, CustomStringConvertible {
    /// The program, or the working directory when that is what was wrong.
    package let path: String
    /// The `errno`; `ECANCELED` when the task was cancelled and the child ended for it.
    package let code: Int32

    package init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    package var description: String { "cannot start \(path): \(SystemError.text(of: code))" }
}
