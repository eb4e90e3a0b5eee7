import Configuration
import ControlProtocol
import Linux

/// What `doctor` says about compilers and interpreters: which of them sandboxes show.
struct DoctorToolchains {
    /// What the repository around the working directory is built with; without one, all that we know of.
    let programs: [LocatedProgram]
    private let declared: [String]

    init(place: Installation) {
        let root = Self.repository()
        let names =
            root.flatMap { try? Files.list($0) }.map(NeededPrograms.of(paths:)) ?? NeededPrograms.known
        programs = ToolchainFinder(
            searchPath: place.searchPath, home: SystemIdentity.homeDirectory, variables: place.environment
        ) { name in
            // Not a cause lost: one that cannot be read chooses nothing.
            root.flatMap { try? Files.readText("\($0)/\(name)", bytesMax: Self.textBytesMax) }
        }.locate(names)
        // What is wrong with the configuration is said where it is looked at.
        declared =
            (try? ConfigurationLoader.load(
                user: .disk(place.locations.configuration), repository: .none,
                home: SystemIdentity.homeDirectory))?.toolchains ?? []
    }

    private static let textBytesMax = 64 << 10

    private static func repository() -> String? {
        guard var folder = try? SystemIdentity.currentDirectory else { return nil }
        while !Files.exists("\(folder)/.git") {
            guard folder != "/" else { return nil }
            folder = Files.parent(of: folder)
        }
        return folder
    }

    var findings: [DoctorCommand.Finding] {
        programs.compactMap { program in
            if let folder = program.folder, program.isShown(by: declared) {
                return .init(area: "toolchain", state: .works, text: "\(program.name): \(folder)")
            }
            guard let obstacle = program.obstacle else { return nil }
            return .init(area: "toolchain", state: .note, text: "\(obstacle).", hint: program.hint)
        }
    }
}
