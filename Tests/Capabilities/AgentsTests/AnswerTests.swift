import Testing
import Vocabulary

@testable import Agents

@Suite("An agent's structured answer") struct AnswerTests {
    @Test("follows the schema of a plan or names what does not") func plan() {
        let schema = AnswerSchema(Plan.schema)
        func task(_ extra: [String: JSONValue] = [:]) -> JSONValue {
            let members: [String: JSONValue] = [
                "id": "a", "title": "A", "instructions": "Do", "scope": [], "acceptance": ["works"],
                "dependsOn": [],
            ]
            return .object(members.merging(extra) { $1 })
        }
        #expect(schema.complaints(about: ["summary": "s", "tasks": [task()]]) == [])
        #expect(
            schema.complaints(about: ["summary": 1, "tasks": [task(["scope": ["x", 2], "extra": true])]]) == [
                "the answer.summary must be string, not integer",
                "the answer.tasks[0] has a member 'extra' that was not asked for",
                "the answer.tasks[0].scope[1] must be string, not integer",
            ])
        #expect(schema.complaints(about: ["tasks": []]) == ["the answer lacks 'summary'"])
        #expect(schema.complaints(about: [1]) == ["the answer must be object, not array"])
    }

    @Test("may be null where the schema says so, and takes whole numbers for integers") func types() {
        let schema = AnswerSchema(["type": "object", "properties": ["line": ["type": ["integer", "null"]]]])
        #expect(schema.complaints(about: ["line": .null]) == [])
        #expect(schema.complaints(about: ["line": 3.0]) == [])
        #expect(
            schema.complaints(about: ["line": 3.5]) == ["the answer.line must be integer or null, not number"]
        )
    }

    @Test("is given up on when it complains without end or nests without end") func bounds() {
        let schema = AnswerSchema(["type": "array", "items": ["type": "string"]])
        #expect(
            schema.complaints(about: .array(Array(repeating: 1, count: 1000))).count
                == AnswerSchema.complaintsMax)
        var nested: JSONValue = [:]
        var deepSchema: JSONValue = ["type": "object"]
        for _ in 0...AnswerSchema.depthMax {
            nested = .object(["x": nested])
            deepSchema = .object(["type": "object", "properties": .object(["x": deepSchema])])
        }
        let complaints = AnswerSchema(deepSchema).complaints(about: nested)
        #expect(complaints.count == 1 && complaints[0].hasSuffix("is nested too deeply"))
    }
}
