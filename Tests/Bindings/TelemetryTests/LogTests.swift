import Fixtures
import Foundation
import Glibc
import Linux
import Telemetry
import Testing

@Suite("The log")
struct LogTests {
    private func lines(_ folder: TemporaryFolder, _ name: String = "log") throws -> [[String: String]] {
        try folder.read(name).split(separator: "\n").map {
            try JSONDecoder().decode([String: String].self, from: Data($0.utf8))
        }
    }

    @Test("writes a sentence with its fields as one line of JSON, and says when")
    func line() async throws {
        try await withTemporaryFolder { folder in
            let log = Log.file(folder.path("log")).with(["run": "r1"])
            log.notice("The run began.", ["task": "t1"])
            let line = try #require(try lines(folder).first)
            #expect(
                line.filter { $0.key != "time" }
                    == ["level": "notice", "message": "The run began.", "run": "r1", "task": "t1"])
            #expect(line["time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(try folder.read("log").hasPrefix(#"{"time":"#))
            #expect(try Files.status(of: folder.path("log")).st_mode & 0o777 == 0o600)
        }
    }

    @Test("keeps to one line whatever a stranger puts into a message")
    func hostile() async throws {
        try await withTemporaryFolder { folder in
            let text = "a\n{\"level\":\"fault\"}\r\t\u{0}\u{1B}[2J\"\\ ü 🌱 \u{2028}"
            Log.file(folder.path("log")).error(text, ["key\n\"": text])
            let lines = try lines(folder)
            #expect(lines.map { $0["message"] } == [text])
            #expect(lines.map { $0["key\n\""] } == [text])
        }
    }

    @Test("cuts what is too long")
    func bounded() async throws {
        try await withTemporaryFolder { folder in
            Log.file(folder.path("log")).info(String(repeating: "x", count: 1 << 20))
            let line = try #require(try lines(folder).first)
            #expect(line["message"] == String(repeating: "x", count: 4096) + "…")
        }
    }

    @Test("leaves out what is less grave than asked for")
    func levels() async throws {
        try await withTemporaryFolder { folder in
            let log = Log.file(folder.path("log"), least: .notice)
            log.debug("d")
            log.info("i")
            log.notice("n")
            log.error("e")
            log.fault("f")
            let messages = try lines(folder).compactMap { $0["message"] }
            #expect(messages == ["n", "e", "f"])
            Log.silent.fault("nobody hears this")
        }
    }

    @Test("keeps its file within its bound, with the lines before in a second one")
    func turnOver() async throws {
        try await withTemporaryFolder { folder in
            let log = Log.file(folder.path("log"), bytesMax: 2000)
            for number in 1...100 { log.info("line \(number)") }
            let (now, before) = (try lines(folder), try lines(folder, "log.1"))
            #expect(now.last?["message"] == "line 100")
            #expect(try Files.list(folder.path) == ["log", "log.1"])
            for name in ["log", "log.1"] {
                let size = try folder.read(name).utf8.count
                #expect(size <= 2000)
            }
            let numbers = (before + now).compactMap { $0["message"].flatMap { Int($0.dropFirst(5)) } }
            #expect(numbers == Array((101 - numbers.count)...100))
        }
    }

    @Test("goes on in a file that is there, and keeps lines of two writers apart")
    func shared() async throws {
        try await withTemporaryFolder { folder in
            let logs = [Log.file(folder.path("log")), Log.file(folder.path("log"))]
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<200 { group.addTask { logs[number % 2].info("line \(number)") } }
            }
            let messages = Set(try lines(folder).compactMap { $0["message"] })
            #expect(messages.count == 200)
        }
    }

    @Test("is silent, not deadly, when its file cannot be written")
    func unwritable() async throws {
        try await withTemporaryFolder { folder in
            Log.file(folder.path("none/log")).error("Nobody hears this.")
            let files = try Files.list(folder.path)
            #expect(files == [])
        }
    }

    @Test("writes to a descriptor that stays another's")
    func descriptor() async throws {
        let (reading, writing) = try Descriptor.pipe()
        Log.descriptor(writing.rawValue).info("Hello.")
        let line = try await LineStream(reading: reading, lineBytesMax: 1000).next()
        #expect(line?.text.contains(#""message":"Hello.""#) == true)
        #expect(fcntl(writing.rawValue, F_GETFD) >= 0)
    }
}
