/// A name that identifies one thing and is written as plain text in JSON, tables and logs.
package protocol Identifier: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    var rawValue: String { get }
    init(_ rawValue: String)
}

extension Identifier {
    package var description: String { rawValue }
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// Identifies one execution of a workflow: short, lower-case, safe in a branch name.
package struct RunID: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}

/// Identifies one task of a plan; a slug, safe in a branch name and a path.
package struct TaskID: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}

/// Identifies one agent at work in one worktree.
package struct SessionID: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}

/// Identifies one question that waits for a person.
package struct ApprovalID: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}

/// The name under which a workflow or configuration defines an agent.
package struct AgentName: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}

/// The hexadecimal id of a git object (commit, tree or blob).
package struct ObjectID: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
    /// The first ten digits, for people.
    package var short: String { String(rawValue.prefix(10)) }
}

/// A SHA-256 digest in hexadecimal, of bytes that an approval or a result is bound to.
package struct Digest: Identifier {
    package let rawValue: String
    package init(_ rawValue: String) { self.rawValue = rawValue }
}
