import Git
import Linux
import Vocabulary

extension WorktreeError {
    /// Says what a failure of a lower floor means here.
    init(_ error: any Error, at path: String) {
        switch error {
        case let error as WorktreeError: self = error
        case let error as GitError:
            if error.isDiskFull {
                self = .diskFull(path: path)
            } else if let name = error.unknownIndexExtension {
                self = Self.unsupportedIndex(name, at: path)
            } else {
                self = .git(operation: error.operation, message: error.message, hint: error.hint)
            }
        case let error as GitProgramError:
            if error.isDiskFull {
                self = .diskFull(path: path)
            } else if case .cancelled(let operation) = error {
                self = .cancelled(operation: operation)
            } else {
                self = .git(operation: "finish", message: error.description)
            }
        case let error as SystemError:
            if error.isDiskFull {
                self = .diskFull(path: error.subject.isEmpty ? path : error.subject)
            } else if error.isCancellation {
                self = .cancelled(operation: error.call)
            } else {
                self = .file(
                    path: error.subject.isEmpty ? path : error.subject,
                    message: "\(error.call): \(SystemError.text(of: error.code))")
            }
        case is CancellationError: self = .cancelled(operation: "go on")
        default: self = .git(operation: "go on", message: "\(error)")
        }
    }

    private static func unsupportedIndex(_ name: String, at path: String) -> WorktreeError {
        let (what, hint) =
            switch name {
            case "link":
                (
                    "a split index",
                    "Run `git update-index --no-split-index`, and unset core.splitIndex where "
                        + "`git config --show-origin core.splitIndex` finds it."
                )
            case "sdir":
                ("a sparse index", "Run `git sparse-checkout reapply --no-sparse-index`.")
            default: ("the index extension \(VisibleText.quoted(name))", "Work in a plain clone of it.")
            }
        return .unsupportedExtension(name: what, path: path, hint: hint)
    }
}

extension GitID {
    init(_ id: ObjectID) throws(WorktreeError) {
        guard let own = GitID(hex: id.rawValue) else { throw .noSuchObject(id: id) }
        self = own
    }
}

extension ObjectID {
    init(_ id: GitID) { self.init(id.hex) }
}
