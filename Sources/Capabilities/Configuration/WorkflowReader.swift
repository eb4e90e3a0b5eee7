import Expressions
import Vocabulary
package import Workflows
import YAML

/// Turns the text of a workflow file into a ``Workflow`` that can be run, or says where it cannot.
package enum WorkflowReader {
    /// `isUsersOwn` is true for a file of the user's folder alone: only there may paths of the machine stand.
    package static func workflow(
        text: String, file: String, isUsersOwn: Bool = false, home: String? = nil
    ) throws(ConfigurationError) -> Workflow {
        let root = try FieldReader.root(text, file: file)
        let reader = try FieldReader(
            root, file: file, place: "the workflow",
            keys: ["version", "name", "description", "inputs", "agents", "budget", "jobs", "worktree"],
            later: ["env", "defaults", "concurrency", "outputs", "strategy", "on"])
        try reader.version()
        let jobs = try JobReader.jobs(reader)
        let workflow = Workflow(
            name: try name(reader), description: try reader.text("description") ?? "",
            inputs: try inputs(reader),
            agents: try agents(reader), budget: try budget(reader), jobs: jobs.map(\.job),
            worktree: try SetupReader.setup(reader, owner: isUsersOwn ? .user : .repository, home: home))
        do {
            try workflow.validate()
        } catch {
            let job = jobs.first { $0.job.name == error.job }
            throw ConfigurationError(.invalidWorkflow(error), at: job?.position ?? reader.keyPosition("jobs"))
        }
        return workflow
    }

    private static func name(_ reader: FieldReader) throws(ConfigurationError) -> String {
        let name = try reader.required("name", try reader.text("name"))
        return try reader.name(name, "a workflow", at: reader.value("name") ?? reader.node)
    }

    private static func inputs(_ reader: FieldReader) throws(ConfigurationError) -> [Workflow.Input] {
        guard let node = reader.value("inputs") else { return [] }
        var inputs: [Workflow.Input] = []
        for (name, key, value) in try FieldReader(open: node, file: reader.file, place: "inputs").named {
            guard name == "goal" else {
                throw ConfigurationError(
                    .notSupported("an input other than \"goal\"", advice: nil), at: reader.position(key))
            }
            let fields = try FieldReader(
                value, file: reader.file, place: "input \(name)", keys: ["type", "required", "description"],
                later: ["default", "options"])
            let type = try fields.text("type") ?? "string"
            guard type == "string" else {
                throw ConfigurationError(
                    .notSupported(
                        "an input of type \(String(reflecting: String(type.prefix(40))))", advice: nil),
                    at: fields.keyPosition("type"))
            }
            inputs.append(
                .init(
                    name: name, isRequired: try fields.bool("required") ?? false,
                    description: try fields.text("description") ?? ""))
        }
        return inputs
    }

    private static func agents(_ reader: FieldReader) throws(ConfigurationError) -> [Workflow.AgentSlot] {
        guard let node = reader.value("agents") else { return [] }
        var slots: [Workflow.AgentSlot] = []
        for (name, key, value) in try FieldReader(open: node, file: reader.file, place: "agents").named {
            var slot = Workflow.AgentSlot(name: AgentName(try reader.name(name, "an agent", at: key)))
            if !value.isNull {
                let fields = try FieldReader(
                    value, file: reader.file, place: "agent \(name)", keys: ["harness", "model", "vendor"],
                    later: ["prompt", "tools", "policies", "instructions", "command", "upstream", "env"])
                slot.harness = try fields.choice("harness", HarnessKind.self, what: "harness")
                slot.model = try fields.text("model", lengthMax: 200)
                slot.vendor = try vendor(fields)
            }
            slots.append(slot)
        }
        return slots
    }

    private static func vendor(_ fields: FieldReader) throws(ConfigurationError)
        -> Workflow.AgentSlot.VendorWish
    {
        switch try fields.text("vendor", lengthMax: 40) {
        case nil, "any": return .any
        case "other": return .other
        case "unknown"?:
            throw fields.bad("vendor", "cannot be unknown", at: fields.value("vendor") ?? fields.node)
        case let name?: return .exactly(Vendor(name.lowercased()))
        }
    }

    private static func budget(_ reader: FieldReader) throws(ConfigurationError) -> Workflow.Budget {
        guard let node = reader.value("budget") else { return .init() }
        let fields = try FieldReader(
            node, file: reader.file, place: "budget", keys: ["stop-at-usd"],
            later: ["pause-every-usd", "scope", "stop-at-tokens"])
        guard let dollars = try fields.double("stop-at-usd") else { return .init() }
        guard dollars > 0, dollars <= 1_000_000 else {
            throw fields.bad(
                "stop-at-usd", "must be above 0 and at most 1000000", at: fields.value("stop-at-usd") ?? node)
        }
        return .init(stopAt: Money(dollars: dollars))
    }
}
