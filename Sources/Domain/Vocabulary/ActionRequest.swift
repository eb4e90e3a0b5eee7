/// What a policy can decide about.
package enum ActionKind: String, Hashable, Sendable, Codable, CaseIterable {
    case plan, session, model, tool, exec, network, candidate, review, land, push
}

/// Something about to happen, with the fields that conditions may read as `action.…`.
package struct ActionRequest: Hashable, Sendable, Codable {
    package var kind: ActionKind
    /// Always an object.
    package var fields: JSONValue
    package init(kind: ActionKind, fields: JSONValue) {
        self.kind = kind
        self.fields = fields
    }
}
