import Foundation
import Testing

@Suite("The house is in order")
struct HouseTests {
    private func expectNone(_ rule: (SourceFile) throws -> [Violation]) throws {
        let files = try SourceTree.everything.get()
        #expect(files.count > 60, "the scan found too few files to mean anything")
        let violations = try files.flatMap(rule)
        guard !violations.isEmpty else { return }
        // Bounded: a rule that goes wrong would otherwise print the whole house.
        let shown = violations.prefix(20).map { "\n  \($0)" }.joined()
        Issue.record("\(violations.count) lines break this rule:\(shown)")
    }

    @Test("every import points to a floor below; C is reached from the bindings alone")
    func floors() throws {
        let modules = try SourceTree.modules()
        #expect(modules.count > 35, "the scan found too few modules to mean anything")
        try expectNone { ImportRules.upwardImports($0, modules: modules) }
    }

    @Test("no line is longer than 110 columns")
    func columns() throws { try expectNone(TextRules.longLines) }

    @Test("no source has more than 400 lines")
    func lengths() throws { try expectNone(TextRules.longFile) }

    @Test("no type hides a standard one, is called like its module, or has a name that says nothing")
    func types() throws { try expectNone(NameRules.types) }

    @Test("no file has a name that says nothing, or only keeps a place")
    func fileNames() throws { try expectNone(NameRules.fileName) }

    @Test("no work is put off without an owner")
    func putOff() throws { try expectNone(TextRules.putOff) }

    @Test("nothing ends the program where an error would do")
    func traps() throws { try expectNone(TextRules.traps) }

    @Test("every escape from the concurrency checks says why it is safe")
    func escapes() throws { try expectNone(TextRules.unexplainedEscapes) }

    @Test("the domain has no clock, no disk, no chance and no threads")
    func domain() throws { try expectNone(TextRules.impureDomain) }

    @Test("every folder of modules and tests is in the manifest")
    func manifest() throws {
        let manifest = try String(
            contentsOf: SourceTree.root.appending(path: "Package.swift"), encoding: .utf8)
        let testFolders = try FileManager.default.subpathsOfDirectory(
            atPath: SourceTree.root.appending(path: "Tests").path
        ).filter { $0.hasSuffix(".swift") }.map { Self.target(ofTestFile: $0) }
        for name in Set(try SourceTree.modules().keys).union(testFolders).sorted() {
            #expect(manifest.contains("\"\(name)\""), "\(name) is built by nobody")
        }
    }

    @Test("the manifest names what each module imports, and nothing else")
    func uses() throws {
        let manifest = try String(
            contentsOf: SourceTree.root.appending(path: "Package.swift"), encoding: .utf8)
        let declared = ImportRules.uses(inManifest: manifest)
        #expect(declared.count > 30, "the scan found too few modules to mean anything")
        let modules = Set(try SourceTree.modules().keys)
        var imported: [String: Set<String>] = [:]
        for file in try SourceTree.everything.get() where file.isSwift {
            guard let module = file.module else { continue }
            imported[module, default: []].formUnion(ImportRules.imports(of: file).map(\.module))
        }
        for (module, uses) in declared.sorted(by: { $0.key < $1.key }) {
            let needs = imported[module, default: []].intersection(modules)
            #expect(uses.sorted() == needs.sorted(), "\(module)")
        }
    }

    @Test("every module has a page of one screen: what it is for, what it refuses to know, where to begin")
    func pages() throws {
        for (name, floor) in try SourceTree.modules().sorted(by: { $0.key < $1.key }) {
            // C as it comes needs no page; what a program is made of is said where it is put together.
            guard floor != .foreign, floor != .executables else { continue }
            let path = "Sources/\(floor.rawValue)/\(name)/\(name).docc/\(name).md"
            let page = try #require(
                try? String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8),
                "\(path) is missing")
            #expect(NameRules.page(page, of: name) == [], "\(path)")
        }
    }

    /// The target is the folder below the floor, or the folder itself where there are no floors.
    private static func target(ofTestFile path: String) -> String {
        let folders = path.split(separator: "/").map(String.init)
        return Floor(rawValue: folders[0]) != nil ? folders[1] : folders[0]
    }
}
