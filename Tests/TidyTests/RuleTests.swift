import Testing

/// Each rule is shown a text that breaks it and the allowed neighbour, so that none can go blind unseen.
@Suite("The rules of the house see what they are for")
struct RuleTests {
    private let modules: [String: Floor] = [
        "CGit2": .foreign, "Vocabulary": .domain, "Policies": .domain, "Git": .bindings, "Linux": .bindings,
        "Journal": .capabilities, "Landing": .stages, "Checking": .stages, "Conductor": .engine,
        "Terminal": .surfaces, "graftwork": .executables,
    ]

    private func lines(_ violations: [Violation]) -> [String] {
        violations.map { String($0.place.split(separator: ":").last ?? "") }
    }

    @Test(
        "imports that point up, sideways or past the bindings",
        arguments: [
            ("Domain/Policies", "import Git"), ("Domain/Policies", "import Foundation"),
            ("Domain/Policies", "import Glibc"), ("Domain/Policies", "package import Linux"),
            ("Bindings/Git", "import Vocabulary"), ("Bindings/Git", "import Journal"),
            ("Capabilities/Journal", "import CGit2"),
            ("Capabilities/Journal", "@preconcurrency import Landing"),
            ("Capabilities/Journal", "import class Foundation.Process"),
            ("Capabilities/Journal", "import XCTest"),
            ("Stages/Landing", "import Checking"), ("Stages/Landing", "import Conductor"),
            ("Stages/Landing", "@_implementationOnly import struct Checking.Verdict"),
            ("Engine/Conductor", "import Landing"), ("Engine/Conductor", "public import Terminal"),
            ("Surfaces/Terminal", "import Landing"), ("Executables/graftwork", "import CGit2"),
            ("Executables/graftwork", "    import Foundation"),
        ])
    func upward(place: String, line: String) {
        let file = SourceFile(
            path: "Sources/\(place)/File.swift", text: "import FoundationEssentials\n\(line)\n")
        #expect(lines(ImportRules.upwardImports(file, modules: modules)) == ["2"], "\(place): \(line)")
    }

    @Test(
        "and leave the others alone",
        arguments: [
            ("Domain/Policies", "package import Vocabulary"), ("Bindings/Git", "import CGit2"),
            ("Bindings/Git", "import Linux"), ("Bindings/Git", "import Glibc"),
            ("Capabilities/Journal", "import Git"), ("Stages/Landing", "import Journal"),
            ("Engine/Conductor", "import Journal"), ("Surfaces/Terminal", "import Conductor"),
            ("Executables/graftwork", "import Landing"), ("Domain/Policies", "// import Git"),
            ("Domain/Policies", "/// Those who import Git …"),
        ])
    func downward(place: String, line: String) {
        let file = SourceFile(
            path: "Sources/\(place)/File.swift", text: "import FoundationEssentials\n\(line)\n")
        #expect(ImportRules.upwardImports(file, modules: modules) == [])
    }

    @Test("lines of more than 110 columns, counted in characters")
    func columns() {
        let text = String(repeating: "ü", count: 110) + "\n" + String(repeating: "x", count: 111)
        #expect(lines(TextRules.longLines(SourceFile(path: "Tests/A.swift", text: text))) == ["2"])
    }

    @Test("sources of more than 400 lines")
    func lengths() {
        let (fits, long) = (String(repeating: "x\n", count: 400), String(repeating: "x\n", count: 401))
        #expect(TextRules.longFile(SourceFile(path: "Sources/Domain/Policies/A.swift", text: fits)) == [])
        #expect(
            TextRules.longFile(SourceFile(path: "Sources/Domain/Policies/A.swift", text: long)).count == 1)
        #expect(TextRules.longFile(SourceFile(path: "Tests/A.swift", text: long)) == [])
    }

    @Test("work that was put off")
    func putOff() {
        let text = "let a = 1  // TODO: later\n/// FIXME\nlet todo = \"METHODOLOGY\"\n"
        #expect(
            lines(TextRules.putOff(SourceFile(path: "Sources/Domain/Policies/A.swift", text: text))) == [
                "1", "2",
            ])
    }

    @Test("ends of the program")
    func traps() {
        let text = """
            let a = try! read()
            fatalError("no")
            let b = c as! Int
            // fatalError( and try! are not used here.
            let d = try read()
            precondition(d > 0, "our own invariant")
            """
        #expect(
            lines(TextRules.traps(SourceFile(path: "Sources/Domain/Policies/A.swift", text: text)))
                == ["1", "2", "3"])
    }

    @Test("escapes from the concurrency checks that nobody explains")
    func escapes() {
        let text = """
            // Safe because it is only written before the first thread starts.
            nonisolated(unsafe) var a = 1
            let b = 1
            let c = 1
            nonisolated(unsafe) var d = 1
            final class E: @unchecked Sendable {}  // Safe because its lock guards all of it.
            // It is safe, believe me.
            //
            //
            //
            final class F: @unchecked Sendable {}
            """
        #expect(
            lines(TextRules.unexplainedEscapes(SourceFile(path: "Sources/A/B/C.swift", text: text))) == [
                "5", "11",
            ])
    }

    @Test("names that hide standard ones, that their module has, or that say nothing")
    func names() {
        let text = """
            package struct Task {}
            enum Outer { enum Error: Swift.Error {} }
            package enum Policies {}
            final class WorktreeManager {}
            typealias Process = Int
            actor StringUtils {}
            package struct PlannedTask {}
            struct TaskStream {}
            struct Scorecard {}
            import struct Git.Progress
            let process: Task<Void, Never>
            """
        let file = SourceFile(path: "Sources/Domain/Policies/A.swift", text: text)
        #expect(lines(NameRules.types(file)) == ["1", "3", "4", "5", "6"])
        #expect(
            NameRules.fileName(SourceFile(path: "Sources/Domain/Policies/PathHelpers.swift", text: "")).count
                == 1)
        #expect(NameRules.fileName(SourceFile(path: "Sources/Domain/Policies/Paths.swift", text: "")) == [])
        let kept = SourceFile(path: "Tests/Stages/LandingTests/Placeholder.swift", text: "enum A {}")
        #expect(NameRules.fileName(kept).count == 1)
    }

    @Test("what modules use, as the manifest says it")
    func uses() {
        let manifest = """
            .module("Vocabulary", in: "Domain"),
            .module(
                "Git", in: "Bindings",
                uses: [
                    "CGit2", "Linux",
                ]),
            .program("graftwork-agent", uses: ["Vocabulary"]),
            static func module(_ name: String) -> Target { .target(name: name) }
            """
        #expect(
            ImportRules.uses(inManifest: manifest) == [
                "Vocabulary": [], "Git": ["CGit2", "Linux"], "graftwork-agent": ["Vocabulary"],
            ])
    }

    @Test("pages that say too little, or too much")
    func pages() {
        let page = "# ``Git``\n\n## What it refuses to know\nAll.\n\n## Where to start reading\nHere.\n"
        #expect(NameRules.page(page, of: "Git") == [])
        #expect(NameRules.page(page, of: "Linux") == ["it does not begin with its module"])
        #expect(NameRules.page("# ``Git``\n", of: "Git").count == 2)
        #expect(NameRules.page(page + String(repeating: "x\n", count: 45), of: "Git").count == 1)
    }

    @Test("clocks, disks, chance and threads in the domain")
    func impure() {
        let text = """
            let a = Date()
            let b = ContinuousClock().now
            Task { await c() }
            var d = SystemRandomNumberGenerator()
            let e: Task<Void, Never>
            let f = Date(timeIntervalSince1970: 0)
            """
        #expect(
            lines(TextRules.impureDomain(SourceFile(path: "Sources/Domain/Policies/A.swift", text: text)))
                == ["1", "2", "3", "4"])
        #expect(
            TextRules.impureDomain(SourceFile(path: "Sources/Engine/Conductor/A.swift", text: text)) == [])
    }
}
