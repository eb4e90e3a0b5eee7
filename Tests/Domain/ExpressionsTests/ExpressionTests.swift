import Expressions
import Testing
import Vocabulary

@Suite("An expression") struct ExpressionTests {
    private let facts: [String: ExpressionValue] = [
        "action": ExpressionValue([
            "host": "pypi.org", "count": 3, "ratio": 0.5, "paths": ["a.py", "b.py"],
            "nothing": nil as JSONValue? ?? .null,
            "labels": ["risk": 7, "é": 1],
        ]),
        "flag": .bool(true),
    ]

    private func value(_ text: String) throws -> ExpressionValue {
        try ParsedExpression(text).evaluate(facts)
    }

    @Test(
        "reads fields, indices, sizes and members",
        arguments: [
            ("action.host", ExpressionValue.string("pypi.org")),
            ("action[\"host\"]", .string("pypi.org")),
            ("action.paths[1]", .string("b.py")),
            ("action.paths[1.0]", .string("b.py")),
            ("action.labels.risk", .int(7)),
            ("size(action.paths)", .int(2)),
            ("action.paths.size()", .int(2)),
            ("action.labels.size()", .int(2)),
            ("size('e\u{301}')", .int(2)),
            ("'a.py' in action.paths", .bool(true)),
            ("'risk' in action.labels", .bool(true)),
            ("1 in action.labels", .bool(false)),
            ("action.nothing == null", .bool(true)),
            ("[1, [2, 'x',],]", .list([.int(1), .list([.int(2), .string("x")])])),
            ("[action.count, 1]", .list([.int(3), .int(1)])),
            ("-0x10", .int(-16)),
            ("-9223372036854775808", .int(.min)),
            (".5", .double(0.5)),
            ("1e3", .double(1000)),
            ("\"\\U0001F62C\\x41\\101\"", .string("😬AA")),
            ("r'\\d'", .string("\\d")),
            ("// why\n flag // yes", .bool(true)),
        ])
    func values(text: String, wanted: ExpressionValue) throws {
        #expect(try value(text) == wanted)
    }

    @Test(
        "compares numbers by value, texts by code points, and different types as different",
        arguments: [
            ("1 == 1.0", true), ("1 < 1.5", true), ("2.0 >= 2", true), ("1 == '1'", false),
            ("null == false", false),
            ("[1, 2] == [1.0, 2.0]", true), ("'a' < 'b'", true), ("'Z' < 'a'", true), ("false < true", true),
            ("'\u{e9}' == 'e\u{301}'", false), ("'e\u{301}' in ['\u{e9}']", false),
            ("'e\u{301}' in action.labels", false),
            ("'\u{e9}' in action.labels", true), ("1 != 2 && 'a' != 'b'", true), ("!(1 == 2)", true),
            ("!!flag", true),
        ])
    func comparisons(text: String, wanted: Bool) throws {
        #expect(try ParsedExpression(text).isTrue(facts) == wanted)
    }

    @Test(
        "lets the deciding side of && and || win over an error on either side",
        arguments: [
            ("false && action.missing", true, false), ("action.missing && false", true, false),
            ("true || action.missing", true, true), ("action.missing || true", true, true),
            ("action.missing || 1 || true", true, true),
        ])
    func absorbed(text: String, _ known: Bool, wanted: Bool) throws {
        #expect(try ParsedExpression(text).isTrue(facts) == wanted)
    }

    @Test(
        "says what has no value",
        arguments: [
            ("action.missing", "There is no field \"missing\"."),
            ("action['missing']", "There is no field \"missing\"."),
            ("nobody.host", "There is no value named nobody."),
            ("action.host.name", "A string has no field \"name\"."),
            ("action.paths[2]", "Index 2 is outside a list of 2."),
            ("action.paths[-1]", "Index -1 is outside a list of 2."),
            ("action.paths['a']", "A list cannot be indexed by a string."),
            ("action.paths[0.5]", "A list cannot be indexed by a double."),
            ("action.host > 3", "> is not defined for string and int."),
            ("null < null", "< is not defined for null and null."),
            ("3 in action.host", "in is not defined for int and string."),
            ("size(3)", "size() is not defined for int."),
            ("!action.host", "! is not defined for string."),
            ("true && action.host", "&& is not defined for string."),
            ("true && action.missing", "There is no field \"missing\"."),
            ("action.missing || action.gone", "There is no field \"missing\"."),
            ("action.host", "The condition is a string, not true or false."),
        ])
    func evaluationErrors(text: String, message: String) throws {
        let expression = try ParsedExpression(text)
        #expect {
            _ = try expression.isTrue(facts)
        } throws: { error in
            (error as? EvaluationError)?.description == message
        }
    }

    @Test(
        "refuses by name what this version does not evaluate",
        arguments: [
            ("1 + 1", "At 1:3 of the expression: + is not supported yet."),
            ("a - b", "At 1:3 of the expression: - is not supported yet."),
            ("a * b", "At 1:3 of the expression: * is not supported yet."),
            ("a / b", "At 1:3 of the expression: / is not supported yet."),
            ("a % b", "At 1:3 of the expression: % is not supported yet."),
            ("-a", "At 1:1 of the expression: - before anything but a number is not supported yet."),
            ("a ? b : c", "At 1:3 of the expression: the conditional a ? b : c is not supported yet."),
            ("has(a.b)", "At 1:1 of the expression: has() is not supported yet."),
            (
                "a == 1 &&\n  b.startsWith('x')",
                "At 2:5 of the expression: startsWith() is not supported yet."
            ),
            ("a.exists(x, x)", "At 1:3 of the expression: exists() is not supported yet."),
            ("{'a': 1}", "At 1:1 of the expression: a map literal ({…}) is not supported yet."),
            ("A{b: 1}", "At 1:2 of the expression: building a message (Name{…}) is not supported yet."),
            ("1u", "At 1:1 of the expression: an unsigned number (1u) is not supported yet."),
            ("b'x'", "At 1:1 of the expression: a bytes literal (b\"…\") is not supported yet."),
            ("a.`b-c`", "At 1:3 of the expression: a field name in backticks is not supported yet."),
            ("a.?b", "At 1:3 of the expression: an optional field (a.?b) is not supported yet."),
            ("a[?0]", "At 1:3 of the expression: an optional index [?…] is not supported yet."),
            ("[?a]", "At 1:2 of the expression: an optional element ([?…]) is not supported yet."),
            (".a", "At 1:1 of the expression: a name that starts with a dot is not supported yet."),
            ("int == int", "At 1:1 of the expression: the type int as a value is not supported yet."),
        ])
    func notSupported(text: String, message: String) {
        expectRefusal(text, message)
    }

    @Test(
        "refuses what is not the language, and says where",
        arguments: [
            ("", "At 1:1 of the expression: the end does not belong here."),
            ("a ==", "At 1:5 of the expression: the end does not belong here."),
            ("a b", "At 1:3 of the expression: b does not belong here."),
            ("(a", "At 1:3 of the expression: ) is expected here, not the end."),
            ("[1 2]", "At 1:4 of the expression: ] is expected here, not 2."),
            ("a = b", "At 1:3 of the expression: = does not belong here."),
            ("a & b", "At 1:3 of the expression: & does not belong here."),
            ("'x", "At 1:1 of the expression: this text does not end."),
            ("'x\ny'", "At 1:1 of the expression: this text does not end."),
            ("'\\q'", "At 1:2 of the expression: \\q is not an escape."),
            ("'\\uD800'", "At 1:2 of the expression: this escape names no character."),
            ("'\\x4'", "At 1:2 of the expression: this escape needs 2 digits."),
            (
                "9223372036854775808",
                "At 1:1 of the expression: 9223372036854775808 is not a whole number of 64 bits."
            ),
            (
                "-9223372036854775809",
                "At 1:1 of the expression: -9223372036854775809 is not a whole number of 64 bits."
            ),
            (
                "99999999999999999999",
                "At 1:1 of the expression: 99999999999999999999 is not a whole number of 64 bits."
            ),
            ("1e999", "At 1:1 of the expression: 1e999 is too large for a double."),
            ("1abc", "At 1:1 of the expression: 1a is neither a number nor a name."),
            ("for == 1", "At 1:1 of the expression: for is a reserved word."),
            ("a.in", "At 1:3 of the expression: in does not belong here."),
            ("size(a, b)", "At 1:7 of the expression: size() takes one argument."),
            ("a.size(b)", "At 1:8 of the expression: x.size() takes no argument."),
            ("a \u{7}", "At 1:3 of the expression: U+7 does not belong here."),
        ])
    func syntax(text: String, message: String) {
        expectRefusal(text, message)
    }

    @Test("bounds length, nesting and depth, and evaluates up to the bounds")
    func limits() throws {
        let nesting = ParsedExpression.nestingLimit
        let open = String(repeating: "(", count: nesting - 1)
        let close = String(repeating: ")", count: nesting - 1)
        #expect(try value(open + "1" + close) == .int(1))
        expectRefusal(
            "(" + open + "1" + close + ")",
            "At 1:65 of the expression: the expression nests more than 64 levels deep.")
        #expect(try value(String(repeating: "!", count: 127) + "flag") == .bool(false))
        expectRefusal(
            String(repeating: "!", count: 128) + "flag",
            "At 1:133 of the expression: operators stand more than 128 deep inside each other.")
        expectRefusal(
            "a" + String(repeating: ".b", count: 128),
            "At 1:258 of the expression: operators stand more than 128 deep inside each other.")
        #expect(try value("flag" + String(repeating: " && flag", count: 1_000)) == .bool(true))
        expectRefusal(
            String(repeating: " ", count: 10_001),
            "At 1:1 of the expression: the expression is longer than 10000 characters.")
        expectRefusal(
            String(repeating: "(", count: 9_000),
            "At 1:65 of the expression: the expression nests more than 64 levels deep.")
    }

    @Test("names the variables and first fields it mentions, in the order of the text")
    func mentions() throws {
        let expression = try ParsedExpression("action.host in run.hosts || size(action) == x[y.z].w")
        #expect(
            expression.mentions == [
                .init(variable: "action", offset: 0, field: "host", fieldOffset: 7),
                .init(variable: "run", offset: 15, field: "hosts", fieldOffset: 19),
                .init(variable: "action", offset: 33, field: nil, fieldOffset: nil),
                .init(variable: "x", offset: 44, field: nil, fieldOffset: nil),
                .init(variable: "y", offset: 46, field: "z", fieldOffset: 48),
            ])
    }

    private func expectRefusal(_ text: String, _ message: String) {
        do {
            let read = try ParsedExpression(text)
            Issue.record("\(text) was read as \(read.root)")
        } catch {
            #expect(error.description == message)
        }
    }
}

@Suite("A text with expressions in it") struct InterpolatedTextTests {
    @Test("puts each value in its place, once, whatever the value looks like")
    func filled() throws {
        let text = try InterpolatedText("Goal: ${{ inputs.goal }}; ${{ size(names) }} of ${{ names }}.")
        #expect(
            try text.filled([
                "inputs": .map(["goal": .string("${{ names }}")]), "names": .list([.string("a"), .int(2)]),
            ]) == "Goal: ${{ names }}; 2 of a, 2.")
    }

    @Test("knows when it is nothing but one expression")
    func only() throws {
        #expect(try InterpolatedText("${{ inputs.goal }}").onlyExpression?.source == " inputs.goal ")
        #expect(try InterpolatedText("x ${{ inputs.goal }}").onlyExpression == nil)
        #expect(try InterpolatedText("plain").onlyExpression == nil)
    }

    @Test("is not ended by braces inside a quoted text")
    func quotedBraces() throws {
        #expect(try InterpolatedText("<${{ 'a}}b' }}>").filled([:]) == "<a}}b>")
    }

    @Test("places an error in the whole text")
    func errors() {
        do {
            _ = try InterpolatedText("ä ${{ a + b }}")
            Issue.record("was read")
        } catch {
            #expect(error == ExpressionError(kind: .notSupported("+"), offset: 8, line: 1, column: 9))
        }
        do {
            _ = try InterpolatedText("x\n ${{ a")
            Issue.record("was read")
        } catch {
            #expect(
                error
                    == ExpressionError(
                        kind: .syntax("${{ is not closed by }}"), offset: 3, line: 2, column: 2))
        }
    }
}
