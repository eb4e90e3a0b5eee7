import Fixtures
import Foundation
import Glibc
import Linux
import Testing

@Suite("Copies of trees") struct TreeCopyTests {
    private func listing(_ folder: String) throws -> [String] {
        var lines: [String] = []
        let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        for name in names.sorted() {
            let path = "\(folder)/\(name)"
            let status = try Files.status(of: path)
            let what =
                switch status.st_mode & S_IFMT {
                case S_IFDIR: "folder"
                case S_IFLNK: try Files.linkTarget(path)
                default: try Files.readText(path, bytesMax: 1 << 20)
                }
            lines.append("\(name) \(String(status.st_mode & 0o777, radix: 8)) \(what)")
        }
        return lines
    }

    private func paths(_ bytes: [[UInt8]]) -> [String] { bytes.map { String(decoding: $0, as: UTF8.self) } }

    @Test("tell what was made, changed and removed, also where size and time look the same")
    func changes() throws {
        let folder = try TemporaryFolder()
        for name in ["same", "changed", "gone", "deep/one", "deep/two"] {
            try folder.write("t/\(name)", "abc")
        }
        try folder.write("t/.git", "a pointer")
        let old = try Files.status(of: folder.path("t/changed"))
        let before = try TreeStamps(of: folder.path("t"), entriesMax: 100)
        try folder.write("t/new/file", "x")
        try Files.removeFile(folder.path("t/gone"))
        let descriptor = try Descriptor.open(folder.path("t/changed"), flags: O_WRONLY)
        try descriptor.withRawValue("write") { number throws(SystemError) in
            _ = write(number, "abd", 3)
            _ = futimens(number, [old.st_atim, old.st_mtim])
        }
        let after = try TreeStamps(of: folder.path("t"), entriesMax: 100)
        let (changed, removed) = before.changes(to: after)
        #expect(paths(changed) == ["changed", "new", "new/file"])
        #expect(paths(removed) == ["gone"])
        #expect(throws: SystemError(code: EFBIG, call: "readdir", subject: folder.path("t"))) {
            _ = try TreeStamps(of: folder.path("t"), entriesMax: 2)
        }
    }

    @Test("carry files, links, folders, modes and times, and neither git's folder nor borrowed rights")
    func copies() throws {
        let folder = try TemporaryFolder()
        try folder.write("a/bin/tool", "#!/bin/sh\n", mode: 0o755)
        try folder.write("a/closed/file", "x", mode: 0o400)
        try folder.write("a/.git", "a pointer")
        try folder.write("a/pkg/.git/config", "inner")
        try Files.makeLink(at: folder.path("a/link"), to: "bin/tool")
        try Files.changeMode(folder.path("a/bin/tool"), 0o4755)
        try Files.changeMode(folder.path("a/closed"), 0o500)
        try Files.makeDirectory(folder.path("b"))
        let sums = try Files.copyTree(folder.path("a"), into: folder.path("b"), owner: nil)
        #expect(sums == Files.CopiedSums(files: 3, bytes: 16))
        #expect(
            try listing(folder.path("b")) == [
                "bin 755 folder", "bin/tool 755 #!/bin/sh\n", "closed 500 folder", "closed/file 400 x",
                "link 777 bin/tool", "pkg 755 folder", "pkg/.git 755 folder", "pkg/.git/config 644 inner",
            ])
        let (source, copy) = (
            try Files.status(of: folder.path("a/bin/tool")), try Files.status(of: folder.path("b/bin/tool"))
        )
        #expect(source.st_mtim.tv_nsec == copy.st_mtim.tv_nsec && source.st_ino != copy.st_ino)
        try Files.changeMode(folder.path("a/closed"), 0o700)
        try Files.changeMode(folder.path("b/closed"), 0o700)
    }

    @Test("carry only what is named, and replace what stands in the way")
    func chosen() throws {
        let folder = try TemporaryFolder()
        for name in ["x/y/one", "x/y/two", "z/three"] { try folder.write("a/\(name)", name) }
        try folder.write("b/x/y/one/was-a-folder", "")
        try folder.write("b/x/kept", "kept")
        _ = try Files.copyTree(
            folder.path("a"), into: folder.path("b"), only: [Array("x/y/one".utf8)], owner: nil)
        #expect(
            try listing(folder.path("b")) == [
                "x 755 folder", "x/kept 644 kept", "x/y 755 folder", "x/y/one 644 x/y/one",
            ])
    }

    @Test("never write or remove through a link that lies in the way")
    func links() throws {
        let folder = try TemporaryFolder()
        try folder.write("outside/precious", "mine")
        try folder.write("a/node_modules/precious", "theirs")
        try folder.write("a/file", "theirs")
        try Files.makeDirectory(folder.path("b"))
        try Files.makeLink(at: folder.path("b/node_modules"), to: folder.path("outside"))
        try Files.makeLink(at: folder.path("b/file"), to: folder.path("outside/precious"))
        try Files.remove([Array("node_modules/precious".utf8)], below: folder.path("b"))
        _ = try Files.copyTree(folder.path("a"), into: folder.path("b"), owner: nil)
        #expect(try folder.read("outside/precious") == "mine")
        #expect(try folder.read("b/node_modules/precious") == "theirs")
        #expect(try Files.list(folder.path("outside")) == ["precious"])
    }

    @Test("refuse pipes, and more bytes than allowed")
    func refuses() throws {
        let folder = try TemporaryFolder()
        try folder.write("a/file", "12345")
        try Files.makeDirectory(folder.path("b"))
        #expect(throws: SystemError.self) {
            try Files.copyTree(folder.path("a"), into: folder.path("b"), owner: nil, bytesMax: 4)
        }
        mkfifo(folder.path("a/pipe"), 0o600)
        #expect(throws: SystemError(code: EINVAL, call: "copy", subject: folder.path("a/pipe"))) {
            try Files.copyTree(folder.path("a"), into: folder.path("b"), owner: nil)
        }
    }

    @Test("can be searched for a text, in files and in links")
    func searched() throws {
        let folder = try TemporaryFolder()
        try folder.write("a/deep/script", "#!/home/x/tree/bin/python\n")
        try folder.write("b/other", "nothing")
        try Files.makeLink(at: folder.path("b/link"), to: "/home/x/tree/lib")
        func find(_ name: String, depthMax: Int = .max) throws -> String? {
            try Files.firstEntry(
                below: folder.path(name), holding: Array("/home/x/tree".utf8), fileBytesMax: 1 << 20,
                depthMax: depthMax)
        }
        #expect(try find("a") == "deep/script")
        #expect(try find("a", depthMax: 0) == nil)
        #expect(try find("b") == "link")
    }
}
