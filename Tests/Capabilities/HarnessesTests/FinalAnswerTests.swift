import Testing
import Vocabulary

@testable import Harnesses

@Suite("A harness's final answer") struct FinalAnswerTests {
    @Test("is the whole text or the one fenced block in it")
    func places() {
        let value: JSONValue = ["a": 1]
        #expect(FinalAnswer.document(in: " {\"a\":1}\n") == value)
        #expect(FinalAnswer.document(in: "Here it is:\n```json\n{\"a\":1}\n```\nDone.") == value)
        #expect(FinalAnswer.document(in: "```\n{\"a\":1}\n```\n```\nls -l\n```") == value)
        #expect(FinalAnswer.document(in: "```\n{\"a\":1}\n```\n```\n{\"a\":2}\n```") == nil)
        #expect(FinalAnswer.document(in: "I would say {\"a\":1}") == nil)
        #expect(FinalAnswer.document(in: "```json\n{\"a\":1}") == nil)
        #expect(FinalAnswer.document(in: "42") == nil)
        #expect(FinalAnswer.document(in: "") == nil)
        #expect(FinalAnswer.document(in: String(repeating: "[", count: 100_000)) == nil)
    }
}
