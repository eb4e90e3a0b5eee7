import Linux
import SQLite

extension JournalError {
    /// Says of which kind a failure of the database is.
    init(_ error: SQLiteError, path: String) {
        switch error.kind {
        case .full: self = .diskFull(path: path)
        case .busy: self = .locked(path: path)
        case .corrupt: self = .corrupt(path: path, detail: error.message)
        case .access: self = .noAccess(path: path, detail: error.message)
        case .constraint, .inputOutput, .other: self = .failed(path: path, detail: "\(error)")
        }
    }

    init(_ error: SystemError, path: String) {
        self = error.isDiskFull ? .diskFull(path: path) : .noAccess(path: path, detail: "\(error)")
    }
}
