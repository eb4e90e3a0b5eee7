import CSQLite
import Glibc

/// A call of SQLite that failed.
///
/// It carries the statement but never its arguments: errors are logged and shown, arguments are data.
package struct SQLiteError: Error, Hashable, CustomStringConvertible {
    /// What a caller may want to tell apart.
    package enum Kind: Hashable, Sendable {
        /// No space, no quota, or a file as large as the limits of the process allow.
        case full
        /// Another connection holds the lock, and did for as long as was waited.
        case busy
        /// The file is no database, or a damaged one.
        case corrupt
        case constraint
        /// The file cannot be opened, read or written at all: rights, a folder that is missing.
        case access
        case inputOutput
        case other
    }

    /// The primary code, as in `SQLITE_FULL`.
    package let code: Int32
    package let extendedCode: Int32
    /// The `errno` behind it, or 0.
    package let systemCode: Int32
    package let sql: String?
    package let message: String

    package init(code: Int32, extendedCode: Int32, systemCode: Int32 = 0, sql: String? = nil, message: String)
    {
        self.code = code
        self.extendedCode = extendedCode
        self.systemCode = systemCode
        self.sql = sql
        self.message = message
    }

    /// Reads the error of a connection; to be called directly after the call that failed.
    init(_ database: OpaquePointer?, _ code: Int32, sql: String? = nil) {
        let extended = database.map { sqlite3_extended_errcode($0) } ?? code
        self.init(
            code: code & 0xFF, extendedCode: extended,
            systemCode: database.map { sqlite3_system_errno($0) } ?? 0,
            sql: sql,
            message: database.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
                ?? String(cString: sqlite3_errstr(code)))
    }

    package var kind: Kind {
        switch code {
        case SQLITE_FULL: .full
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_CONSTRAINT: .constraint
        // SQLite calls only ENOSPC of a write "full"; a quota, a file size limit and a full disk under the
        // shared memory file come as I/O errors.
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            [ENOSPC, EDQUOT, EFBIG].contains(systemCode)
                ? .full : code == SQLITE_IOERR ? .inputOutput : .access
        case SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH: .access
        default: .other
        }
    }

    package var description: String {
        let place = sql.map { " in `\($0)`" } ?? ""
        return "\(message) (SQLite \(extendedCode))\(place)"
    }
}
