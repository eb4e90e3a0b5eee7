import Foundation
import Rehearsal
import Testing
import Vocabulary

@Suite("A rehearsal's steps become calls of the tools a harness offers") struct HarnessToolsTests {
    private let text: JSONValue = ["type": "string"]
    private let scenes = [
        RehearsalScene(match: RehearsalMatch(contains: "shell"), steps: [.shell(#"echo "it's""#)]),
        RehearsalScene(match: RehearsalMatch(contains: "write"), steps: [.write("src/a.txt", "one\ntwo\n")]),
        RehearsalScene(match: RehearsalMatch(contains: "open"), steps: [.write("a b/c.txt", "it's\nno end")]),
        RehearsalScene(
            match: RehearsalMatch(contains: "edit"), steps: [.edit("src/a.txt", old: "on\"e'", new: "$(x)\n")]
        ),
        RehearsalScene(match: RehearsalMatch(contains: "read"), steps: [.read("src/a.txt")]),
        RehearsalScene(
            match: RehearsalMatch(contains: "json"),
            steps: [.json(["verdict": "approve"]), .final("Submitted.")]),
    ]

    private func calls(_ dialect: ModelDialect, _ tools: [JSONValue], _ prompt: String, system: String = "")
        throws -> [String]
    {
        var calls: [String] = []
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let answer = try Client(address: address, dialect: dialect, tools: tools).ask(
            .user(prompt), system: system)
        calls = answer.calls.isEmpty ? [answer.raw] : answer.calls
        return calls
    }

    @Test("Claude Code: Bash, Write, Edit and Read with absolute paths, StructuredOutput")
    func claude() throws {
        func tool(_ name: String, _ properties: [String: JSONValue]) -> JSONValue {
            Client.function(
                name, properties, required: Array(properties.keys.sorted().prefix(2)),
                dialect: .anthropicMessages)
        }
        let tools = [
            tool("Bash", ["command": text, "description": text, "timeout": ["type": "number"]]),
            tool("Write", ["file_path": text, "content": text]),
            tool(
                "Edit",
                [
                    "file_path": text, "old_string": text, "new_string": text,
                    "replace_all": ["type": "boolean"],
                ]),
            tool("Read", ["file_path": text]), tool("StructuredOutput", ["verdict": text]),
        ]
        let system = "You are…\n - Primary working directory: /srv/tree\n - Is a git repository: true"
        func first(_ prompt: String) throws -> String {
            try calls(.anthropicMessages, tools, prompt, system: system).joined(separator: " ")
        }
        #expect(
            try first("shell") == #"Bash{"command":"echo \"it's\"","description":"A step of a rehearsal"}"#)
        #expect(try first("write") == #"Write{"content":"one\ntwo\n","file_path":"/srv/tree/src/a.txt"}"#)
        #expect(
            try first("edit")
                == #"Edit{"file_path":"/srv/tree/src/a.txt","new_string":"$(x)\n","old_string":"on\"e'"}"#)
        #expect(try first("read") == #"Read{"file_path":"/srv/tree/src/a.txt"}"#)
        #expect(try first("json") == #"StructuredOutput{"verdict":"approve"}"#)
        let (server, address) = try play(scenes)
        defer { server.stop() }
        let client = Client(address: address, dialect: .anthropicMessages, tools: tools)
        #expect(try client.ask(.user("json"), .result).text == "Submitted.")
        // Where it works was not said, so a relative path is written by the shell.
        #expect(
            try client.ask(.user("write")).calls.first?.hasPrefix(
                #"Bash{"command":"mkdir -p -- 'src' && printf"#) == true)
    }

    @Test("Codex: exec_command and apply_patch as a custom tool")
    func codex() throws {
        let tools = [
            Client.function(
                "exec_command", ["cmd": text, "workdir": text], required: ["cmd"], dialect: .openaiResponses),
            ["type": "custom", "name": "apply_patch"],
        ]
        #expect(try calls(.openaiResponses, tools, "shell") == [#"exec_command{"cmd":"echo \"it's\""}"#])
        #expect(
            try calls(.openaiResponses, tools, "write") == [
                "apply_patch*** Begin Patch\n*** Add File: src/a.txt\n+one\n+two\n*** End Patch\n"
            ])
        #expect(try calls(.openaiResponses, tools, "read") == [#"exec_command{"cmd":"cat -- 'src/a.txt'"}"#])
        #expect(
            try calls(.openaiResponses, tools, "open").first?.hasPrefix(
                #"exec_command{"cmd":"mkdir -p -- 'a b' && printf"#) == true)
    }

    @Test("Codex: a shell that takes an argument list, and apply_patch as a function")
    func codexOlder() throws {
        let tools = [
            Client.function(
                "shell", ["command": ["type": "array", "items": text]], dialect: .openaiResponses),
            Client.function("apply_patch", ["input": text], dialect: .openaiResponses),
        ]
        #expect(
            try calls(.openaiResponses, tools, "shell") == [
                #"shell{"command":["bash","-lc","echo \"it's\""]}"#
            ])
        #expect(
            try calls(.openaiResponses, tools, "write").first?.hasPrefix(
                #"apply_patch{"input":"*** Begin Patch"#) == true)
    }

    @Test("Codex in code mode: one tool that takes JavaScript")
    func codeMode() throws {
        let tools: [JSONValue] = [["type": "custom", "name": "exec"]]
        #expect(
            try calls(.openaiResponses, tools, "shell")
                == [
                    #"execconst r = await tools.exec_command({cmd: "echo \"it's\""});"#
                        + " text(r.output ?? JSON.stringify(r));"
                ])
        #expect(
            try calls(.openaiResponses, tools, "write").first?.hasPrefix(
                #"execconst r = await tools.apply_patch("*** Begin Patch\n"#) == true)
    }

    @Test("what is written and edited by a mere shell is right to the byte")
    func shellFallback() throws {
        let folder = "/tmp/gw-shell-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder + "/src", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tools = [Client.function("bash", ["command": text], dialect: .openaiChat)]
        func run(_ prompt: String) throws {
            let call = try #require(try calls(.openaiChat, tools, prompt).first)
            let input = try JSONDecoder().decode(JSONValue.self, from: Data(call.dropFirst(4).utf8))
            let shell = Foundation.Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.currentDirectoryURL = URL(fileURLWithPath: folder)
            shell.arguments = ["-c", input["command"]?.stringValue ?? ""]
            try shell.run()
            shell.waitUntilExit()
            #expect(shell.terminationStatus == 0)
        }
        try run("open")
        #expect(try String(contentsOfFile: folder + "/a b/c.txt", encoding: .utf8) == "it's\nno end")
        try "zero on\"e' two".write(toFile: folder + "/src/a.txt", atomically: true, encoding: .utf8)
        try run("edit")
        #expect(try String(contentsOfFile: folder + "/src/a.txt", encoding: .utf8) == "zero $(x)\n two")
        try run("read")
    }

    @Test("a harness without a fitting tool is told which ones it offered")
    func noTool() throws {
        let tools = [Client.function("search", ["query": text], dialect: .openaiChat)]
        #expect(
            try calls(.openaiChat, tools, "shell").first?.contains(
                "no tool for step 1 of scene 1; offered are: search") == true)
    }
}
