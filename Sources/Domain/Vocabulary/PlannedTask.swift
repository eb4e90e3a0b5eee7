/// One task of a plan: what to build, where, how it is judged, and what it waits for.
package struct PlannedTask: Hashable, Sendable, Codable {
    package var id: TaskID
    package var title: String
    /// What the author is asked to do, in full.
    package var instructions: String
    /// Paths or globs the task means to touch; empty: not stated.
    package var scope: [String]
    /// The acceptance contract, one criterion each.
    package var acceptance: [String]
    package var dependsOn: [TaskID]

    package init(
        id: TaskID, title: String, instructions: String, scope: [String] = [], acceptance: [String] = [],
        dependsOn: [TaskID] = []
    ) {
        self.id = id
        self.title = title
        self.instructions = instructions
        self.scope = scope
        self.acceptance = acceptance
        self.dependsOn = dependsOn
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(TaskID.self, forKey: .id)
        title = try container.decode(String.self, forKey: .title)
        instructions = try container.decode(String.self, forKey: .instructions)
        scope = try container.decodeIfPresent([String].self, forKey: .scope) ?? []
        acceptance = try container.decodeIfPresent([String].self, forKey: .acceptance) ?? []
        dependsOn = try container.decodeIfPresent([TaskID].self, forKey: .dependsOn) ?? []
    }
}
