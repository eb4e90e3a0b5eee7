/// The floors of the house, lowest first.
enum Floor: String, CaseIterable {
    case foreign = "Foreign"
    case domain = "Domain"
    case bindings = "Bindings"
    case capabilities = "Capabilities"
    case stages = "Stages"
    case engine = "Engine"
    case surfaces = "Surfaces"
    case executables = "Executables"

    /// The floors whose modules this one may import.
    var mayImport: Set<Floor> {
        switch self {
        case .foreign: []
        case .domain: [.domain]
        case .bindings: [.foreign, .bindings]
        // The stages never import each other, and come to the engine as closures.
        case .capabilities, .stages, .engine: [.domain, .bindings, .capabilities]
        case .surfaces: [.domain, .bindings, .capabilities, .engine, .surfaces]
        case .executables: Set(Floor.allCases).subtracting([.foreign, .executables])
        }
    }

    /// The modules of the toolchain this floor may import. Full Foundation is not among them: it would cost
    /// start-up time and memory. The domain has no clock, no disk and no threads.
    var mayImportFromToolchain: Set<String> {
        switch self {
        case .foreign: []
        case .domain: ["FoundationEssentials"]
        case .bindings, .capabilities, .stages, .engine, .surfaces, .executables:
            ["FoundationEssentials", "Glibc", "Dispatch", "Synchronization"]
        }
    }
}
