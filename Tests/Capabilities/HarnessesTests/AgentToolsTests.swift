import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary

@testable import graftwork_agent

@Suite("The built-in agent's file tools") struct AgentToolsTests {
    private let folder: TemporaryFolder
    private let files: WorktreeFiles

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("outside/secret.txt", "secret")
        try folder.write("w/a.txt", "one two two\n")
        try Files.makeLink(at: folder.path("w/link"), to: "../outside")
        try Files.makeLink(at: folder.path("w/away"), to: "../outside/new.txt")
        files = WorktreeFiles(folder: folder.path("w"))
    }

    @Test(
        "stay in the worktree",
        arguments: [
            "../outside/secret.txt", "/etc/passwd", "x/../../outside/secret.txt", "link/secret.txt",
            "link/new.txt",
        ])
    func outside(path: String) {
        #expect(throws: ToolFailure("\(path) is outside the worktree; this tool works inside it only.")) {
            try files.read(path, offset: 1, limit: nil)
        }
        #expect(throws: ToolFailure.self) { try files.write(path, "x") }
        #expect(throws: ToolFailure.self) { try files.edit(path, old: "secret", new: "x") }
        #expect(!Files.exists(folder.path("outside/new.txt")))
    }

    @Test("do not write through a link that leads to where nothing is yet") func danglingLink() {
        #expect(throws: ToolFailure("away cannot be followed: it is a link to nowhere.")) {
            try files.write("away", "x")
        }
        #expect(!Files.exists(folder.path("outside/new.txt")))
    }

    @Test("take a path from the root for what it is inside the worktree") func absolute() throws {
        #expect(try files.read(folder.path("w/./b/../a.txt"), offset: 1, limit: nil) == "one two two\n")
    }

    @Test("make the folders of a new file, and keep the mode of an old one") func write() throws {
        #expect(try files.write("new/deep/b.sh", "x") == "Wrote 1 bytes to new/deep/b.sh.")
        try Files.changeMode(folder.path("w/a.txt"), 0o755)
        _ = try files.write("a.txt", "y")
        #expect(try Files.status(of: folder.path("w/a.txt")).st_mode & 0o777 == 0o755)
        #expect(try folder.read("w/new/deep/b.sh") == "x")
    }

    @Test("edit only what is there exactly once") func edit() throws {
        #expect(throws: ToolFailure("The old text is in a.txt 2 times; give more of it.")) {
            try files.edit("a.txt", old: "two", new: "x")
        }
        #expect(throws: ToolFailure("The old text is not in a.txt.")) {
            try files.edit("a.txt", old: "three", new: "x")
        }
        #expect(throws: ToolFailure.self) { try files.edit("a.txt", old: "", new: "x") }
        _ = try files.edit("a.txt", old: "one", new: "öne")
        #expect(try folder.read("w/a.txt") == "öne two two\n")
    }

    @Test("leave a file alone that is not text") func binary() throws {
        try Files.writeAtomically(folder.path("w/b.bin"), [0x61, 0xFF, 0x62])
        #expect(throws: ToolFailure("b.bin is not UTF-8 text.")) {
            try files.edit("b.bin", old: "a", new: "x")
        }
        #expect(try Files.read(folder.path("w/b.bin"), bytesMax: 10) == [0x61, 0xFF, 0x62])
    }

    @Test("search text files, not git's own and not over links") func search() throws {
        try folder.write("w/.git/config", "two")
        try folder.write("w/sub/c.txt", "zero\ntwo\n")
        try Files.writeAtomically(folder.path("w/b.bin"), [0, 0x74, 0x77, 0x6F])
        #expect(try files.search("two", in: ".") == "a.txt:1: one two two\nsub/c.txt:2: two")
        #expect(try files.search("secret", in: ".") == "Nothing found.")
    }

    @Test("answer in bounded size, with the beginning and the end") func bounded() {
        let text = "begin" + String(repeating: "x", count: 100_000) + "end"
        let shown = ToolBench.bounded(text)
        #expect(shown.hasPrefix("begin") && shown.hasSuffix("end"))
        #expect(shown.contains("[… 67240 bytes left out …]"))
        #expect(ToolBench.bounded("short") == "short")
    }
}

@Suite("The built-in agent's conversation") struct DialogueTests {
    private func results(_ size: Int, _ call: String) -> Dialogue.Entry {
        .results([.init(call: call, text: String(repeating: "x", count: size), failed: false)])
    }
    private func model(_ call: String) -> Dialogue.Entry {
        .model(text: "", calls: [ModelCall(id: call, name: "read", input: [:])], raw: [])
    }

    @Test("leaves out the oldest tool output first, never a call's result itself") func trim() {
        var conversation = Dialogue(folder: "/w")
        conversation.entries = [
            .user("go"), model("1"), results(1_000, "1"), model("2"), results(1_000, "2"), model("3"),
            results(1_000, "3"),
        ]
        let left = "[left out to save room; call the tool again if you need it]"
        var expected = conversation
        expected.entries[2] = .results([.init(call: "1", text: left, failed: false)])
        #expect(conversation.trimmed(to: 2_500) == expected)
        expected.entries[4] = .results([.init(call: "2", text: left, failed: false)])
        #expect(conversation.trimmed(to: 1) == expected)
        #expect(conversation.trimmed(to: 10_000) == conversation)
    }

    @Test("reads back from its file as it was") func roundTrip() throws {
        var conversation = Dialogue(folder: "/w")
        conversation.callsTold = 3
        conversation.entries = [
            .user("go"),
            .model(
                text: "hm", calls: [ModelCall(id: "1", name: "read", input: ["path": "a"])],
                raw: [["type": "text"]]),
            .results([.init(call: "1", text: "no", failed: true)]),
        ]
        #expect(Dialogue(json: try JSONText.parse(JSONText.write(conversation.json))) == conversation)
        #expect(Dialogue(json: ["entries": [7]]) == nil)
    }
}
