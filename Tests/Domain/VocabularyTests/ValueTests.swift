import Foundation
import Testing
import Vocabulary

@Suite("Values that cross sockets and the journal") struct ValueTests {
    @Test(
        "JSON comes back as it went",
        arguments: [
            "null", "true", "-9223372036854775808", "1.5", "\"a\\u0000\\\"é\"", "[]", "{}",
            "{\"a\":[1,2.5,\"x\",null,{\"b\":false}],\"c\":{}}",
        ])
    func json(text: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        let again = try encoder.encode(value)
        #expect(String(decoding: again, as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(JSONValue.self, from: again) == value)
    }

    @Test("JSON members are read by name and type, and nothing else")
    func members() {
        let value: JSONValue = ["n": 1, "d": 2.0, "s": "x", "b": true, "l": [1], "o": ["k": "v"]]
        #expect(value["n"]?.intValue == 1)
        #expect(value["d"]?.intValue == 2)
        #expect(value["n"]?.doubleValue == 1)
        #expect(value["s"]?.stringValue == "x")
        #expect(value["b"]?.boolValue == true)
        #expect(value["l"]?.arrayValue == [1])
        #expect(value["o"]?["k"] == "v")
        #expect(value["gone"] == nil)
        #expect(value["s"]?.intValue == nil)
        #expect(JSONValue.double(1.5).intValue == nil)
    }

    @Test("of a mixed run the strongest exit code wins: 6, 3, 4, 5, 1, 0")
    func exitCodes() {
        #expect(ExitCode.strongest(of: []) == .done)
        let order: [ExitCode] = [.budget, .held, .denied, .conflict, .failed, .done]
        for (index, code) in order.enumerated() {
            #expect(ExitCode.strongest(of: order[index...].reversed()) == code)
        }
        #expect(order.map(\.rawValue) == [6, 3, 4, 5, 1, 0])
    }

    @Test("money adds in whole millionths and is written as a number")
    func money() throws {
        #expect(Money(dollars: 0.1) + Money(dollars: 0.2) == Money(dollars: 0.3))
        #expect(Money(dollars: 15).microdollars == 15_000_000)
        #expect(Money(microdollars: 1) < Money(microdollars: 2))
        #expect(Money(microdollars: 2_500_000).dollars == 2.5)
        #expect(
            String(decoding: try JSONEncoder().encode([Money(dollars: 1.5)]), as: UTF8.self) == "[1500000]")
        var sum = Money.zero
        sum += Money(dollars: 1)
        #expect(sum == Money(dollars: 1))
    }

    @Test("decisions are ordered: allow, ask, deny")
    func decisions() {
        #expect(Decision.allCases.shuffled().sorted() == [.allow, .ask, .deny])
        let evaluation = Evaluation(
            decision: .ask,
            matched: [
                RuleMatch(rule: "a", decision: .allow, reason: "fine"),
                RuleMatch(rule: "b", decision: .ask, reason: "why"),
            ])
        #expect(evaluation.reasons == ["why"])
    }
}
