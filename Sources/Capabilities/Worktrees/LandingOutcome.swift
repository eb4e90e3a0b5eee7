package import Vocabulary

/// Proof of being the only one who may move one target branch. Made only by
/// `RepositoryStore.withLandingLock`.
package struct LandingPermit: ~Copyable, Sendable {
    /// The full ref that may be moved.
    package let target: String
}

/// What may be done when the target branch is checked out somewhere.
package enum CheckedOutPermission: String, Sendable, Hashable, Codable {
    /// Move a clean checkout along with its branch.
    case moveAlong
    /// Leave every checkout alone, and so hold the landing.
    case leaveAlone
}

/// How an attempt to move the target ended. All three are normal results.
package enum LandingOutcome: Sendable, Hashable, Codable {
    case landed
    /// Somebody else moved the target; nil: it is gone.
    case targetMoved(actual: ObjectID?)
    case held(reason: LandingHold)
}

/// Why a landing waits for a person.
package enum LandingHold: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Tracked files differ from what is committed, or untracked ones stand where the landing would write.
    case checkedOutDirty(path: String, files: [String])
    case checkedOutNotPermitted(path: String)
    /// Another git program is at work there, or an operation like a rebase was not finished.
    case checkoutLocked(path: String, why: String)
    /// The commit does not descend from where the target stands; a target only moves forward.
    case notFastForward(target: String)
    /// Moving the files would need a filter program, sparse checkout or the like, which are never run here.
    case checkoutUnsupported(path: String, why: String)

    package var description: String {
        switch self {
        case .checkedOutDirty(let path, let files):
            "The target is checked out at \(path), where these files have changes: "
                + files.prefix(5).map { VisibleText.quoted($0) }.joined(separator: ", ") + "."
        case .checkedOutNotPermitted(let path):
            "The target is checked out at \(path), and moving it along was not allowed."
        case .checkoutLocked(let path, let why): "The target is checked out at \(path), where \(why)."
        case .notFastForward(let target): "What is to land does not descend from where \(target) stands."
        case .checkoutUnsupported(let path, let why): "The target is checked out at \(path), which \(why)."
        }
    }

    package var hint: String {
        switch self {
        case .checkedOutDirty(let path, _):
            "Commit or stash the changes in \(path), or land elsewhere with `--into BRANCH`."
        case .checkedOutNotPermitted:
            "Allow it with `--update-checkout`, or land elsewhere with `--into BRANCH`."
        case .checkoutLocked: "Finish what is under way there, or land elsewhere with `--into BRANCH`."
        case .notFastForward: "Merge it with the target again."
        case .checkoutUnsupported: "Land elsewhere with `--into BRANCH` and merge it there yourself."
        }
    }
}

/// How the merge of a candidate and a target head ended.
package enum MergeOutcome: Sendable, Hashable, Codable {
    case merged(tree: ObjectID)
    /// The paths that need a decision, sorted; `tree` has both sides with conflict markers and lies in the
    /// server's directory.
    case conflicted(tree: ObjectID, paths: [String])
}

/// Who a commit names as author or committer.
package struct CommitIdentity: Sendable, Hashable, Codable {
    package var name: String
    package var email: String
    package init(name: String, email: String) {
        self.name = name
        self.email = email
    }
    /// The committer of everything that lands.
    package static let graftwork = CommitIdentity(name: "Graftwork", email: "graftwork@localhost")
    /// The author of snapshots and of the agent's own commits.
    package static let agent = CommitIdentity(name: "Graftwork agent", email: "agent@graftwork.localhost")
}

/// One thing about a tree that must not land without a person's word.
package struct TreeObjection: Sendable, Hashable, Codable {
    package enum Rule: String, Sendable, Hashable, Codable {
        case mode, symlink, name, collision, size
    }
    package var path: String
    package var rule: Rule
    /// What is wrong, one sentence.
    package var detail: String
    package init(path: String, rule: Rule, detail: String) {
        self.path = path
        self.rule = rule
        self.detail = detail
    }
}
