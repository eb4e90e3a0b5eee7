import Fixtures
import Glibc
import Linux
import Sandbox
import Testing

@Suite("The mirror of programs")
struct ProgramMirrorTests {
    private let stranger: UInt32 = 1_920_003_000

    private func mode(_ path: String) throws -> UInt32 { try Files.status(of: path).st_mode & 0o7777 }

    @Test("leaves a program where it is when the session can reach it")
    func reachable() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let mirror = ProgramMirror(stateDirectory: folder.path("state"))
            let program = try folder.write("bin/tool", "#!/bin/sh\n", mode: 0o755)
            #expect(try mirror.reachable(program, by: stranger) == program)
            #expect(!Files.exists(folder.path("state")))
        }
    }

    @Test("copies one from below a closed folder, once, under the name of its content")
    func closed() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let mirror = ProgramMirror(stateDirectory: folder.path("state"))
            let program = try folder.write("closed/tool", "#!/bin/sh\necho one\n", mode: 0o755)
            try Files.changeMode(folder.path("closed"), 0o700)
            let copy = try mirror.reachable(program, by: stranger)
            #expect(copy.hasPrefix(folder.path("state/programs/")) && copy.hasSuffix("/tool"))
            #expect(try Files.readText(copy, bytesMax: 100) == "#!/bin/sh\necho one\n")
            #expect(try mode(copy) == 0o755)
            let inode = try Files.status(of: copy).st_ino
            #expect(try mirror.reachable(program, by: stranger) == copy)
            #expect(try Files.status(of: copy).st_ino == inode)

            // Another content is another copy; whoever runs the first keeps it.
            try folder.write("closed/tool", "#!/bin/sh\necho two\n", mode: 0o755)
            let second = try mirror.reachable(program, by: stranger)
            #expect(second != copy)
            #expect(try Files.readText(copy, bytesMax: 100) == "#!/bin/sh\necho one\n")
        }
    }

    @Test("copies one that only its owner may run, and finds it through a link")
    func privateProgram() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let mirror = ProgramMirror(stateDirectory: folder.path("state"))
            let program = try folder.write("tool-1.0", "#!/bin/sh\n", mode: 0o700)
            try Files.makeLink(at: folder.path("tool"), to: program)
            #expect(try mirror.reachable(folder.path("tool"), by: stranger).hasSuffix("/tool-1.0"))
        }
    }

    @Test("copies again what a loss of power cut short")
    func cutShort() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let mirror = ProgramMirror(stateDirectory: folder.path("state"))
            let program = try folder.write("tool", "#!/bin/sh\necho whole\n", mode: 0o700)
            let copy = try mirror.reachable(program, by: stranger)
            #expect(truncate(copy, 0) == 0)
            #expect(try mirror.reachable(program, by: stranger) == copy)
            #expect(try Files.readText(copy, bytesMax: 100) == "#!/bin/sh\necho whole\n")
        }
    }

    @Test("keeps a copy for a week after its last use, and no draft for more than a day")
    func sweep() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let mirror = ProgramMirror(stateDirectory: folder.path("state"))
            let program = try folder.write("tool", "#!/bin/sh\n", mode: 0o700)
            let copy = try mirror.reachable(program, by: stranger)
            try folder.write("state/programs/0123456789abcdef.new", "half\n")
            let now = try Files.status(of: copy).st_ctim.tv_sec
            let (day, week) = (ToolchainMirror.supersededSecondsMax, ToolchainMirror.unusedSecondsMax)
            #expect(try mirror.sweep(now: now) == [])
            #expect(try mirror.sweep(now: now + day + 60) == ["0123456789abcdef.new"])
            #expect(Files.isExecutable(copy))
            #expect(try mirror.sweep(now: now + week + 60).count == 1)
            #expect(!Files.exists(copy))
            #expect(try mirror.reachable(program, by: stranger) == copy)
        }
    }

    @Test("says what it could not copy")
    func failures() async throws {
        try await withTemporaryFolder(reachable: true) { folder in
            let mirror = ProgramMirror(stateDirectory: folder.path("state"))
            #expect(throws: SandboxError.self) { try mirror.reachable(folder.path("missing"), by: stranger) }
            #expect(throws: SandboxError.self) { try mirror.reachable(folder.path, by: stranger) }
        }
    }
}
