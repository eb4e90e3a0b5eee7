import Expressions
import Foundation
import Testing
import Vocabulary

@Suite("Against the rows of CEL's own suite") struct ConformanceTests {
    struct Row: Decodable {
        var row: String
        var expr: String
        var bindings: [String: JSONValue]?
        var value: JSONValue?
    }

    /// `Tests/Data/cel/conformance.jsonl`; where the rows are from stands beside it.
    static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Data/cel/conformance.jsonl")

    /// How many rows this version's subset covers; it only grows.
    static let coveredRows = 152

    @Test("an expression has the value the suite says, or is refused when it is read; never another value")
    func rows() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let rows = try text.split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
        var covered = 0
        for row in rows {
            let expression: ParsedExpression
            do {
                expression = try ParsedExpression(row.expr)
            } catch {
                guard case .notSupported = error.kind else {
                    Issue.record("\(row.row): refused as wrong: \(error)")
                    continue
                }
                continue
            }
            covered += 1
            let variables = try (row.bindings ?? [:]).mapValues { try #require(Self.value($0), "\(row.row)") }
            do {
                let value = try expression.evaluate(variables)
                let wanted = try #require(
                    row.value.flatMap(Self.value), "\(row.row): \(row.expr) yields \(value)")
                #expect(value == wanted, "\(row.row): \(row.expr)")
            } catch let error as EvaluationError {
                #expect(row.value == nil, "\(row.row): \(row.expr) fails: \(error)")
            }
        }
        #expect(rows.count == 817)
        #expect(covered == Self.coveredRows)
    }

    /// A value in the suite's form; nil for a type the subset does not have.
    private static func value(_ json: JSONValue) -> ExpressionValue? {
        guard let (type, content) = json.objectValue?.first else { return nil }
        switch type {
        case "nullValue": return .null
        case "boolValue": return content.boolValue.map { .bool($0) }
        case "int64Value": return content.stringValue.flatMap { Int64($0) }.map { .int($0) }
        case "doubleValue": return content.doubleValue.map { .double($0) }
        case "stringValue": return content.stringValue.map { .string($0) }
        case "listValue":
            let values = content["values"]?.arrayValue ?? []
            let read = values.compactMap(value)
            return read.count == values.count ? .list(read) : nil
        case "mapValue":
            var members: [String: ExpressionValue] = [:]
            for entry in content["entries"]?.arrayValue ?? [] {
                guard let key = entry["key"]?["stringValue"]?.stringValue,
                    let member = entry["value"].flatMap(value)
                else {
                    return nil
                }
                members[key] = member
            }
            return .map(members)
        default: return nil
        }
    }
}
