package import Vocabulary

/// Why the journal cannot be opened, read or written.
package enum JournalError: ExplainedError, Hashable {
    case diskFull(path: String)
    /// Another process holds the database's lock for longer than is waited.
    case locked(path: String)
    /// The file is no database, a damaged one, or its chain of hashes is broken.
    case corrupt(path: String, detail: String)
    case newerSchema(path: String, found: Int, known: Int)
    /// The file or its folder may not be opened or written.
    case noAccess(path: String, detail: String)
    /// An entry of our own is beyond what a journal entry may be.
    case entryTooLarge(kind: String, bytes: Int, limit: Int)
    case failed(path: String, detail: String)

    package var description: String {
        switch self {
        case .diskFull(let path): "The journal \(path) cannot be written: the disk is full."
        case .locked(let path): "The journal \(path) is locked by another program."
        case .corrupt(let path, let detail): "The journal \(path) is damaged: \(detail)."
        case .newerSchema(let path, let found, let known):
            "The journal \(path) was written by a later version (schema \(found), this one knows \(known))."
        case .noAccess(let path, let detail): "The journal \(path) cannot be opened: \(detail)."
        case .entryTooLarge(let kind, let bytes, let limit):
            "A journal entry of kind \(kind) has \(bytes) bytes; \(limit) are allowed."
        case .failed(let path, let detail): "The journal \(path) cannot be used: \(detail)."
        }
    }

    package var hint: String? {
        switch self {
        case .diskFull: "Free some space, then run `graftwork resume`."
        case .locked: "End the other program that has it open, then run `graftwork resume`."
        case .corrupt(let path, _):
            "Keep a copy of \(path) and move it away; a new journal is begun without it."
        case .newerSchema: "Install the version that wrote it, or a later one."
        case .noAccess(let path, _): "Make \(path) and its folder readable and writable for this user."
        case .entryTooLarge: nil
        case .failed(let path, _): "Check the disk that holds \(path), then run `graftwork resume`."
        }
    }

    package var blame: Blame {
        switch self {
        case .diskFull, .locked, .corrupt, .newerSchema, .noAccess, .failed: .environment
        case .entryTooLarge: .us
        }
    }
}
