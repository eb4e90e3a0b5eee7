import Testing
import YAML

@Suite("A YAML document") struct YAMLDocumentTests {
    @Test("keeps the order of a mapping and the text of its scalars as written")
    func readsValues() throws {
        let root = try YAMLDocument.parse(
            text: """
                # a comment
                zebra: yes
                apple: "1"
                list: [1e3, 'it''s', ~]
                deep:
                  - name: |
                      two
                      lines
                """, file: "a.yaml")
        #expect(
            outline(root)
                == "{zebra: yes, apple: '1', list: [1e3, 'it's', ~], deep: [{name: 'two\nlines'}]}")
        #expect(root["list"]?.elements?[2].isNull == true)
        #expect(root["apple"]?.isNull == false)
    }

    @Test("says where each value starts, counting characters from 1")
    func positions() throws {
        let root = try YAMLDocument.parse(text: "a: x\nä: { b: [1, two] }\n", file: "a.yaml")
        let list = try #require(root["ä"]?["b"])
        #expect([root.line, root.column] == [1, 1])
        #expect([list.line, list.column] == [2, 9])
        let last = try #require(list.elements?.last)
        #expect([last.line, last.column] == [2, 13])
    }

    @Test("keeps a NUL that a quoted text spells out")
    func nul() throws {
        let root = try YAMLDocument.parse(text: #"a: "x\0y""#, file: "a.yaml")
        #expect(root["a"]?.text == "x\u{0}y")
    }

    @Test(
        "refuses what another reader might read differently, and says where",
        arguments: [
            ("a: &x 1\nb: *x\n", "p.yaml:1:4: anchor &x is not allowed; write the value where it is used"),
            ("b: *x\n", "p.yaml:1:4: alias *x is not allowed; write the value where it is used"),
            ("a: !!int 1\n", "p.yaml:1:4: tag tag:yaml.org,2002:int is not allowed; values are plain YAML"),
            ("a: !secret 1\n", "p.yaml:1:4: tag !secret is not allowed; values are plain YAML"),
            ("a: 1\nb: 2\na: 3\n", "p.yaml:3:1: key \"a\" is already set on line 1"),
            ("a: 1\n\"a\": 3\n", "p.yaml:2:1: key \"a\" is already set on line 1"),
            ("x: { k: 1, k: 2 }\n", "p.yaml:1:12: key \"k\" is already set on line 1"),
            ("a: 1\n---\nb: 2\n", "p.yaml:2:1: a second document starts here; a file holds exactly one"),
            ("%YAML 1.1\n---\na: 1\n", "p.yaml:1:1: a %YAML or %TAG directive is not allowed"),
            ("%TAG ! x:\n---\na: 1\n", "p.yaml:1:1: a %YAML or %TAG directive is not allowed"),
            ("[a, b]: 1\n", "p.yaml:1:1: a key must be a single piece of text, not a list or a mapping"),
            ("? {a: 1}\n: 1\n", "p.yaml:1:3: a key must be a single piece of text, not a list or a mapping"),
            ("", "p.yaml:1:1: the file holds no document"),
            ("# only words\n\n", "p.yaml:1:1: the file holds no document"),
            ("---\n", "p.yaml:2:1: the file holds no document"),
        ])
    func refuses(text: String, message: String) {
        #expect(refusal(text) == message)
    }

    @Test(
        "passes on libyaml's words for text that is not YAML",
        arguments: [
            ("a: [1, 2\n", "p.yaml:2:1: did not find expected ',' or ']' while parsing a flow sequence"),
            (
                "a: 1\n\tb: 2\n",
                "p.yaml:2:1: found a tab character that violates indentation while scanning a plain scalar"
            ),
            ("a: \"x\n", "p.yaml:2:1: found unexpected end of stream while scanning a quoted scalar"),
            ("a: b: c\n", "p.yaml:1:5: mapping values are not allowed in this context"),
            ("a: 1\nä: \u{7}\n", "p.yaml:2:4: control characters are not allowed"),
        ])
    func syntax(text: String, message: String) {
        #expect(refusal(text) == message)
    }

    @Test("reads up to each limit and refuses the first value beyond it")
    func limits() {
        let depth = YAMLDocument.depthLimit
        #expect(refusal(String(repeating: "[", count: depth) + String(repeating: "]", count: depth)) == nil)
        #expect(
            refusal(String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1))
                == "p.yaml:1:65: values are nested more than 64 levels deep")
        // The list itself is a value, too.
        let nodes = YAMLDocument.nodeLimit
        #expect(refusal("[" + String(repeating: "1,", count: nodes - 1) + "]") == nil)
        #expect(
            refusal("[" + String(repeating: "1,", count: nodes) + "]")
                == "p.yaml:1:200000: the file holds more than 100000 values")
        let size = YAMLDocument.sizeLimit
        #expect(refusal("a: " + String(repeating: "x", count: size - 3)) == nil)
        #expect(
            refusal("a: " + String(repeating: "x", count: size))
                == "p.yaml:1:1: the file is larger than 1048576 bytes")
    }

    @Test("ends with an error, never a crash, on text that opens and does not close")
    func unclosed() {
        for opening in ["[", "{", "? ", "- ", "\"", "&", "*", "!", "|", "%", "a:\n "] {
            #expect(refusal(String(repeating: opening, count: 5_000)) != nil, "\(opening)")
        }
    }

    private func refusal(_ text: String) -> String? {
        do {
            _ = try YAMLDocument.parse(text: text, file: "p.yaml")
            return nil
        } catch {
            return error.description
        }
    }

    /// The tree on one line; quoted and block scalars in quotes.
    private func outline(_ node: YAMLNode) -> String {
        switch node.value {
        case .scalar(let text, let isPlain): isPlain ? text : "'\(text)'"
        case .sequence(let elements): "[\(elements.map(outline).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(entries.map { "\(outline($0.key)): \(outline($0.value))" }.joined(separator: ", "))}"
        }
    }
}
