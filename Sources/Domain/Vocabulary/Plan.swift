/// What the planner returns: the tasks of a run, checked before anything acts on them.
package struct Plan: Hashable, Sendable, Codable {
    package var summary: String
    package var tasks: [PlannedTask]
    package init(summary: String, tasks: [PlannedTask]) {
        self.summary = summary
        self.tasks = tasks
    }

    /// The JSON Schema a planner's answer must follow.
    package static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["summary", "tasks"],
        "properties": [
            "summary": ["type": "string"],
            "tasks": [
                "type": "array",
                "items": [
                    "type": "object", "additionalProperties": false,
                    "required": ["id", "title", "instructions", "scope", "acceptance", "dependsOn"],
                    "properties": [
                        "id": ["type": "string", "description": "lower-case letters, digits and hyphens"],
                        "title": ["type": "string"], "instructions": ["type": "string"],
                        "scope": ["type": "array", "items": ["type": "string"]],
                        "acceptance": ["type": "array", "items": ["type": "string"]],
                        "dependsOn": ["type": "array", "items": ["type": "string"]],
                    ],
                ],
            ],
        ],
    ]
}

/// Why a planner's answer is no plan.
package enum PlanError: ExplainedError, Hashable {
    case empty
    case tooManyTasks(count: Int, limit: Int)
    case invalidID(String)
    case duplicateID(TaskID)
    case textTooLong(task: TaskID, field: String, limit: Int)
    case unknownDependency(task: TaskID, dependency: TaskID)
    case cycle([TaskID])

    package var description: String {
        switch self {
        case .empty: "The plan has no tasks."
        case .tooManyTasks(let count, let limit): "The plan has \(count) tasks; the workflow allows \(limit)."
        case .invalidID(let id):
            """
            The plan names a task \(String(reflecting: String(id.prefix(60)))), \
            which is not up to \(Plan.idLengthMax) lower-case letters, digits and inner hyphens.
            """
        case .duplicateID(let id): "The plan names task \(id) twice."
        case .textTooLong(let task, let field, let limit):
            "The plan's task \(task) has a \(field) longer than \(limit) characters."
        case .unknownDependency(let task, let dependency):
            """
            The plan's task \(task) depends on \
            \(String(reflecting: String(dependency.rawValue.prefix(60)))), which is not in the plan.
            """
        case .cycle(let tasks):
            "The plan's tasks wait for each other: \(tasks.map(\.rawValue).joined(separator: " → "))."
        }
    }
    package var hint: String? {
        "State the goal more narrowly and run it again; the planner's answer is kept in the run's log."
    }
    package var blame: Blame { .agent }
}

extension Plan {
    package static let idLengthMax = 40
    package static let textLengthMax = 20_000

    /// Checks ids, sizes, dependencies and cycles.
    package func validate(taskLimit: Int) throws(PlanError) {
        guard !tasks.isEmpty else { throw .empty }
        guard tasks.count <= taskLimit else { throw .tooManyTasks(count: tasks.count, limit: taskLimit) }
        var known: Set<TaskID> = []
        for task in tasks {
            guard Self.isSlug(task.id.rawValue) else { throw .invalidID(task.id.rawValue) }
            guard known.insert(task.id).inserted else { throw .duplicateID(task.id) }
            for (field, text) in [("title", task.title), ("instructions", task.instructions)]
            where text.count > Self.textLengthMax {
                throw .textTooLong(task: task.id, field: field, limit: Self.textLengthMax)
            }
        }
        for task in tasks {
            for dependency in task.dependsOn where !known.contains(dependency) {
                throw .unknownDependency(task: task.id, dependency: dependency)
            }
        }
        if let cycle = firstCycle() { throw .cycle(cycle) }
    }

    /// Pairs of tasks whose declared scopes name the same path or folder; they may collide.
    package func overlappingScopes() -> [(TaskID, TaskID, path: String)] {
        var overlaps: [(TaskID, TaskID, path: String)] = []
        for (index, task) in tasks.enumerated() {
            for other in tasks[(index + 1)...] {
                if let path = task.scope.first(where: { mine in
                    other.scope.contains { Self.overlap(mine, $0) }
                }) {
                    overlaps.append((task.id, other.id, path))
                }
            }
        }
        return overlaps
    }

    private static func overlap(_ a: String, _ b: String) -> Bool {
        func stem(_ scope: String) -> String { String(scope.prefix { $0 != "*" && $0 != "?" }) }
        let (a, b) = (stem(a), stem(b))
        return a == b || a.hasPrefix(b.hasSuffix("/") ? b : b + "/")
            || b.hasPrefix(a.hasSuffix("/") ? a : a + "/")
    }

    private static func isSlug(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= idLengthMax && !id.hasPrefix("-") && !id.hasSuffix("-")
            && id.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private func firstCycle() -> [TaskID]? {
        let waitsFor = Dictionary(uniqueKeysWithValues: tasks.map { ($0.id, $0.dependsOn) })
        var finished: Set<TaskID> = []
        func visit(_ id: TaskID, _ path: [TaskID]) -> [TaskID]? {
            if let start = path.firstIndex(of: id) { return Array(path[start...]) + [id] }
            if finished.contains(id) { return nil }
            for next in waitsFor[id] ?? [] {
                if let cycle = visit(next, path + [id]) { return cycle }
            }
            finished.insert(id)
            return nil
        }
        for task in tasks {
            if let cycle = visit(task.id, []) { return cycle }
        }
        return nil
    }
}
