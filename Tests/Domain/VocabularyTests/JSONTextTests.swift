import Testing
import Vocabulary

@Suite("JSON text") struct JSONTextTests {
    @Test("is read into the value it stands for") func reads() throws {
        let text = #"""
             {"a" : [1, -2, 2.5, 1e3, true, false, null],
              "b": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude80", "c": {}}
            """#
        #expect(
            try JSONText.parse(text) == [
                "a": [1, -2, 2.5, 1000.0, true, false, .null], "b": "\"\\/\u{8}\u{C}\n\r\té🚀", "c": [:],
            ])
        #expect(try JSONText.parse("9223372036854775807") == .int(.max))
        #expect(try JSONText.parse("9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try JSONText.parse(#""\ud83dx""#) == "\u{FFFD}x")
        #expect(try JSONText.parse(#"{"a":1,"a":2}"#) == ["a": 2])
    }

    @Test(
        "is refused when it is no JSON",
        arguments: [
            "", " ", "{", "[", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "01", "-", "1.", ".5", "1e", "+1",
            "tru", "nul",
            "\"", "\"\\x\"", "\"\\u12\"", "\"\u{1}\"", "1 2", "[1] x", "// c\n1", "'a'", "NaN", "1e999",
        ])
    func refuses(text: String) {
        #expect(throws: JSONText.Flaw.self) { try JSONText.parse(text) }
    }

    @Test("is refused when it nests deeper than its reader goes") func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSONText.parse(nested(JSONText.depthMax)) != .null)
        #expect(throws: JSONText.Flaw(offset: 128, reason: "it nests deeper than 128")) {
            try JSONText.parse(nested(JSONText.depthMax + 1))
        }
        #expect(throws: JSONText.Flaw.self) { try JSONText.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test("is written with its members in order, on one line, and reads back as the same value") func writes()
        throws
    {
        let value: JSONValue = [
            "b": "a\"\\\n\r\t\u{1}é🚀/", "a": [1, 2.5, true, .null, [:], []], "": -7, "ä": .double(1e300),
        ]
        let text = JSONText.write(value)
        #expect(text == #"{"":-7,"a":[1,2.5,true,null,{},[]],"b":"a\"\\\n\r\t\u0001é🚀/","ä":1e+300}"#)
        #expect(try JSONText.parse(text) == value)
    }
}
