import CGit2

/// A call into libgit2 that failed.
package struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// libgit2's own code, always negative.
    package let code: Int32
    /// What was tried, as a phrase: `open /home/me/project`.
    package let operation: String
    package let message: String

    package init(code: Int32, operation: String, message: String) {
        self.code = code
        self.operation = operation
        self.message = message
    }

    package var description: String { "could not \(operation): \(message)" }

    /// What to do next; nil where the message says all there is to say.
    package var hint: String? {
        switch git_error_code(code) {
        case GIT_ELOCKED: "Another git program is at work there; if none is, remove the `.lock` file."
        case GIT_EOWNER: "The directory belongs to another user; work as its owner."
        case GIT_EINVALIDSPEC: "The name is none that git allows; see `git check-ref-format`."
        case GIT_ENOTFOUND: "Look for damage with `git fsck`."
        case GIT_EMODIFIED: "Somebody else is at work in this repository; try again."
        case GIT_ECONFLICT, GIT_EUNMERGED: "Finish or abort the merge that is under way there."
        // libgit2 has more codes, and only some of them tell what to do.
        default: isDiskFull ? "Make room and try again." : nil
        }
    }

    package var isNotFound: Bool { code == GIT_ENOTFOUND.rawValue }
    package var isAlreadyThere: Bool { code == GIT_EEXISTS.rawValue }
    /// A compare-and-swap found another value than expected.
    package var isModified: Bool { code == GIT_EMODIFIED.rawValue }
    package var isLocked: Bool { code == GIT_ELOCKED.rawValue }
    /// What an index is written with that every reader must know, and libgit2 does not: `link` of a split
    /// one, `sdir` of a sparse one (gitformat-index(5)). It has no code for that.
    package var unknownIndexExtension: String? {
        let words = "unsupported mandatory extension: '"
        guard message.hasPrefix(words) else { return nil }
        return String(message.dropFirst(words.count).prefix { $0 != "'" })
    }
    /// libgit2 has no code for a full disk; the text is the kernel's own.
    package var isDiskFull: Bool {
        message.hasSuffix("No space left on device") || message.hasSuffix("Disk quota exceeded")
    }
}

/// Runs one libgit2 call; the error text is read at once because libgit2 keeps it per thread.
@discardableResult
func git(_ operation: @autoclosure () -> String, _ call: () -> Int32) throws(GitError) -> Int32 {
    let code = call()
    guard code < 0 else { return code }
    let message = git_error_last().flatMap { $0.pointee.message }.map { String(cString: $0) }
    throw GitError(code: code, operation: operation(), message: message ?? "no detail")
}

/// For what the library says cannot be missing after a call that succeeded.
func present<Value>(_ value: Value?, _ operation: @autoclosure () -> String) throws(GitError) -> Value {
    guard let value else {
        throw GitError(code: GIT_ERROR.rawValue, operation: operation(), message: "nothing came back")
    }
    return value
}
