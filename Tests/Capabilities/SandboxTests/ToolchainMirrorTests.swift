import ChildProcess
import Fixtures
import Glibc
import Linux
import Testing

@testable import Sandbox

@Suite("The mirror of toolchains")
struct ToolchainMirrorTests {
    private let stranger: UInt32 = 1_920_004_000

    /// A toolchain in a folder that only its owner may enter.
    private struct Scene {
        let folder: TemporaryFolder
        let mirror: ToolchainMirror
        var tools: String { folder.path("closed/tools") }

        init(_ folder: TemporaryFolder) throws {
            self.folder = folder
            mirror = ToolchainMirror(stateDirectory: folder.path("state"))
            try folder.write("closed/tools/bin/hello", "#!/bin/sh\necho hello\n", mode: 0o755)
            try folder.write("closed/tools/lib/words", "hello\n", mode: 0o664)
            try Files.changeMode(folder.path("closed"), 0o700)
        }

        func copy(_ path: String? = nil) throws -> String {
            let path = path ?? tools
            return try #require(try mirror.copies(of: [path], for: 1_920_004_000)[path])
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryFolder(reachable: true) { try await body(Scene($0)) }
    }

    private func mode(_ path: String) throws -> UInt32 { try Files.status(of: path).st_mode & 0o7777 }

    private func copies(in scene: Scene) throws -> [String] {
        try Files.list(scene.mirror.folder).filter { $0 != "known" }
    }

    @Test("leaves alone what the session can reach, what lies below /usr and what is not there")
    func reachable() async throws {
        try await withScene { scene in
            try scene.folder.write("open/bin/hello", "", mode: 0o755)
            let paths = [scene.folder.path("open"), "/usr/lib", scene.folder.path("nowhere")]
            #expect(try scene.mirror.copies(of: paths, for: stranger) == [:])
            #expect(!Files.exists(scene.folder.path("state")))
        }
    }

    @Test("copies a folder once, read-only, under the name of its content")
    func once() async throws {
        try await withScene { scene in
            let copy = try scene.copy()
            #expect(Files.parent(of: copy) == scene.folder.path("state/toolchains"))
            #expect(try Files.readText("\(copy)/lib/words", bytesMax: 100) == "hello\n")
            #expect(try mode(copy) == 0o555)
            #expect(try mode("\(copy)/bin") == 0o555)
            #expect(try mode("\(copy)/bin/hello") == 0o555)
            #expect(try mode("\(copy)/lib/words") == 0o444)
            let inode = try Files.status(of: "\(copy)/lib/words").st_ino
            #expect(try scene.copy() == copy)
            #expect(try Files.status(of: "\(copy)/lib/words").st_ino == inode)
            #expect(try copies(in: scene).count == 1)
        }
    }

    @Test("shares one copy between folders of the same content, and makes another where it differs")
    func contentAddressed() async throws {
        try await withScene { scene in
            let first = try scene.copy()
            let twin = scene.folder.path("closed/twin")
            try Files.makeDirectory(twin, mode: 0o755)
            _ = try Files.copyTree(scene.tools, into: twin, owner: nil)
            #expect(try scene.copy(twin) == first)

            try scene.folder.write("closed/tools/lib/words", "other\n")
            let second = try scene.copy()
            #expect(second != first)
            #expect(try Files.readText("\(second)/lib/words", bytesMax: 100) == "other\n")
            // Who is shown the first keeps it.
            #expect(try Files.readText("\(first)/lib/words", bytesMax: 100) == "hello\n")
        }
    }

    @Test("sees a change that keeps size and time of a file")
    func hiddenChange() async throws {
        try await withScene { scene in
            let first = try scene.copy()
            let words = "\(scene.tools)/lib/words"
            let status = try Files.status(of: words)
            let file = try #require(fopen(words, "r+"))
            fputs("holla\n", file)
            fclose(file)
            let times = [status.st_atim, status.st_mtim]
            #expect(utimensat(AT_FDCWD, words, times, 0) == 0)
            #expect(try Files.readText("\(try scene.copy())/lib/words", bytesMax: 100) == "holla\n")
            #expect(try Files.readText("\(first)/lib/words", bytesMax: 100) == "hello\n")
        }
    }

    @Test("takes nothing along that the folder itself would not show: closed files, closed folders, pipes")
    func closedParts() async throws {
        try await withScene { scene in
            try scene.folder.write("closed/tools/private", "secret\n", mode: 0o600)
            try scene.folder.write("closed/tools/group", "secret\n", mode: 0o640)
            try scene.folder.write("closed/tools/vault/open", "secret\n", mode: 0o644)
            try Files.changeMode(scene.folder.path("closed/tools/vault"), 0o750)
            #expect(mkfifo("\(scene.tools)/pipe", 0o666) == 0)
            #expect(try Files.list(try scene.copy()) == ["bin", "lib"])
        }
    }

    @Test(
        "leaves the credentials of tools out, and keeps what is only called like them",
        arguments: [
            (".npmrc", false), ("etc/.netrc", false), (".cargo/credentials.toml", false),
            (".ssh/config", false), ("settings.xml", false), ("conf/settings.xml", true),
            ("lib/secrets.py", true), ("lib/credentials/code.py", true),
        ])
    func credentials(name: String, isKept: Bool) async throws {
        try await withScene { scene in
            try scene.folder.write("closed/tools/\(name)", "token\n", mode: 0o644)
            #expect(Files.exists("\(try scene.copy())/\(name)") == isKept)
        }
    }

    @Test("copies links as links, and follows none")
    func links() async throws {
        try await withScene { scene in
            let secret = try scene.folder.write("closed/secret", "secret\n")
            try Files.makeLink(at: "\(scene.tools)/absolute", to: secret)
            try Files.makeLink(at: "\(scene.tools)/relative", to: "../secret")
            try Files.makeLink(at: "\(scene.tools)/folder", to: scene.folder.path("closed"))
            let copy = try scene.copy()
            #expect(try Files.linkTarget("\(copy)/absolute") == secret)
            #expect(try Files.linkTarget("\(copy)/relative") == "../secret")
            #expect(try Files.status(of: "\(copy)/folder").st_mode & S_IFMT == S_IFLNK)
            // A relative one leads among the copies, where no such thing is.
            #expect(!Files.exists(scene.mirror.folder + "/secret"))
        }
    }

    @Test("copies no bit that lends rights")
    func specialBits() async throws {
        try await withScene { scene in
            #expect(chmod("\(scene.tools)/bin/hello", 0o6755) == 0)
            #expect(chmod("\(scene.tools)/lib", 0o3777) == 0)
            let copy = try scene.copy()
            #expect(try mode("\(copy)/bin/hello") == 0o555)
            #expect(try mode("\(copy)/lib") == 0o555)
        }
    }

    @Test("finds what a declared link stands for")
    func declaredLink() async throws {
        try await withScene { scene in
            try Files.makeLink(at: scene.folder.path("current"), to: scene.tools)
            #expect(try scene.copy(scene.folder.path("current")) == scene.copy())
        }
    }

    @Test("is copied once by servers that come at the same time")
    func together() async throws {
        try await withScene { scene in
            let mirror = scene.mirror
            let tools = scene.tools
            let found = try await withThrowingTaskGroup(of: [String: String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await runBlocking { () throws(SandboxError) -> [String: String] in
                            try mirror.copies(of: [tools], for: 1_920_004_000)
                        }
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.formUnion($1.values) }
            }
            #expect(found.count == 1)
            #expect(try copies(in: scene).count == 1)
        }
    }

    @Test("refuses what is closed itself, too wide, or holds the server's own files")
    func refused() async throws {
        try await withScene { scene in
            try Files.changeMode(scene.tools, 0o700)
            let closed = "it is closed to others; `chmod -R o+rX` would open it"
            #expect(throws: SandboxError.mirrorFailed(path: scene.tools, reason: closed)) { try scene.copy() }
            try Files.changeMode(scene.tools, 0o755)
            // Not copied, and not shown to nobody's use either.
            let own = try scene.folder.write("own/tool", "", mode: 0o700)
            #expect(throws: SandboxError.mirrorFailed(path: own, reason: closed)) {
                try scene.mirror.copies(of: [own], for: stranger)
            }
            #expect(try scene.mirror.copies(of: [own], for: SystemIdentity.effectiveUID) == [:])
            try Files.makeLink(at: scene.folder.path("closed/all"), to: "/etc")
            #expect(throws: SandboxError.pathRefused(path: "/etc", reason: "it is too wide")) {
                try scene.copy(scene.folder.path("closed/all"))
            }
            let inside = ToolchainMirror(stateDirectory: scene.folder.path("closed/tools/state"))
            #expect(
                throws: SandboxError.mirrorFailed(
                    path: scene.tools, reason: "the server's own files lie in it")
            ) { try inside.copies(of: [scene.tools], for: stranger) }
        }
    }

    @Test("stops at its limits, and leaves nothing behind")
    func limits() async throws {
        try await withScene { scene in
            let state = scene.folder.path("state")
            for mirror in [
                ToolchainMirror(stateDirectory: state, bytesMax: 10),
                ToolchainMirror(stateDirectory: state, entriesMax: 3),
            ] {
                #expect(throws: SandboxError.self) { try mirror.copies(of: [scene.tools], for: stranger) }
            }
            #expect(!Files.exists(scene.mirror.folder))
        }
    }

    @Test("keeps what is used, and lets go of what nobody used for long and what a crash left")
    func sweep() async throws {
        try await withScene { scene in
            let now = Int(WallClock.nowSeconds())
            let first = try scene.copy()
            try scene.folder.write("closed/tools/lib/words", "other\n")
            let second = try scene.copy()
            try Files.makeDirectory(scene.mirror.folder + "/draft-0011", mode: 0o700)
            #expect(try scene.mirror.sweep(now: now) == [])
            // The first is older: another came after it.
            for name in try Files.list(scene.mirror.folder + "/known") {
                let path = "\(scene.mirror.folder)/known/\(name)"
                guard try Files.readText(path, bytesMax: 1000).hasPrefix(digest(of: first)) else { continue }
                let times = [timespec(tv_sec: now - 60, tv_nsec: 0), timespec(tv_sec: now - 60, tv_nsec: 0)]
                #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
            }
            let later = now + ToolchainMirror.supersededSecondsMax + 60
            #expect(try scene.mirror.sweep(now: later) == [digest(of: first), "draft-0011"].sorted())
            #expect(try copies(in: scene) == [digest(of: second)])
            let muchLater = now + ToolchainMirror.unusedSecondsMax + 60
            #expect(try scene.mirror.sweep(now: muchLater) == [digest(of: second)])
            #expect(try Files.list(scene.mirror.folder + "/known") == [])
        }
    }

    private func digest(of copy: String) -> String { String(copy.split(separator: "/").last ?? "") }
}
