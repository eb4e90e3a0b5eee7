// swift-tools-version: 6.1
import PackageDescription

/// The compiler settings of every Swift target: Swift 6, warnings are errors, imports say what they expose.
/// Stands above `package`: top-level values are set in the order of the file, and one used before is empty.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .unsafeFlags(["-warnings-as-errors"]),
]

// The manifest is the table of contents: floors from the bottom up, one line per module, and what it may use.
let package = Package(
    name: "graftwork",
    products: [
        .executable(name: "graftwork", targets: ["graftwork"]),
        .executable(name: "graftwork-server", targets: ["graftwork-server"]),
        .executable(name: "graftwork-runner", targets: ["graftwork-runner"]),
        .executable(name: "graftwork-agent", targets: ["graftwork-agent"]),
        .executable(name: "sandbox-init", targets: ["sandbox-init"]),
    ],
    targets: [
        // Foreign: C as it comes.
        .system("CGit2", pkgConfig: "libgit2"),
        .system("CSQLite", pkgConfig: "sqlite3"),
        .system("CSeccomp", pkgConfig: "libseccomp"),
        .system("CYAML", pkgConfig: "yaml-0.1"),
        .system("CMicroHTTPD", pkgConfig: "libmicrohttpd"),
        .system("COpenSSL", pkgConfig: "libcrypto"),
        .system("CCurl", pkgConfig: "libcurl"),
        .target(name: "CLinux", path: "Sources/Foreign/CLinux", cSettings: [.define("_GNU_SOURCE")]),

        // Domain: pure values and decisions.
        .module("Vocabulary", in: "Domain"),
        .module("Expressions", in: "Domain", uses: ["Vocabulary"]),
        .module("Workflows", in: "Domain", uses: ["Vocabulary"]),
        .module("Policies", in: "Domain", uses: ["Vocabulary", "Expressions"]),
        .module("Lifecycle", in: "Domain", uses: ["Vocabulary", "Workflows"]),

        // Bindings: one library or kernel face each, no product words.
        .module("Telemetry", in: "Bindings"),
        .module("Linux", in: "Bindings", uses: ["CLinux"]),
        .module("ChildProcess", in: "Bindings", uses: ["CLinux", "Linux"]),
        .module("Git", in: "Bindings", uses: ["CGit2", "ChildProcess"]),
        .module("SQLite", in: "Bindings", uses: ["CSQLite"]),
        .module("Seccomp", in: "Bindings", uses: ["CSeccomp", "CLinux", "Linux"]),
        .module("YAML", in: "Bindings", uses: ["CYAML"]),
        .module("HTTPServer", in: "Bindings", uses: ["CMicroHTTPD"]),
        .module("HTTPClient", in: "Bindings", uses: ["CCurl"]),
        .module("Hashing", in: "Bindings", uses: ["COpenSSL"]),

        // Capabilities: where product meets machine.
        .module(
            "Configuration", in: "Capabilities",
            uses: ["Vocabulary", "Expressions", "Workflows", "Policies", "YAML", "Linux"]),
        .module("Journal", in: "Capabilities", uses: ["Vocabulary", "SQLite", "Hashing", "Linux"]),
        .module("Worktrees", in: "Capabilities", uses: ["Vocabulary", "Git", "Hashing", "Linux"]),
        .module(
            "Sandbox", in: "Capabilities",
            uses: ["Vocabulary", "ChildProcess", "Linux", "Seccomp", "Hashing"]),
        .module(
            "Provisioning", in: "Capabilities",
            uses: ["Vocabulary", "Workflows", "Sandbox", "Worktrees", "ChildProcess", "Hashing", "Linux"]),
        .module(
            "Egress", in: "Capabilities",
            uses: ["Vocabulary", "HTTPServer", "HTTPClient", "ChildProcess", "Linux"]),
        .module("Harnesses", in: "Capabilities", uses: ["Vocabulary", "ChildProcess", "Linux"]),
        .module(
            "Agents", in: "Capabilities",
            uses: [
                "Vocabulary", "Policies", "Configuration", "Harnesses", "Sandbox", "Egress", "ChildProcess",
                "Linux",
            ]),

        // Stages: the verbs of a run.
        .module(
            "Planning", in: "Stages",
            uses: ["Vocabulary", "Workflows", "Lifecycle", "Configuration", "Sandbox", "Worktrees"]),
        .module(
            "Authoring", in: "Stages",
            uses: [
                "Vocabulary", "Workflows", "Lifecycle", "Configuration", "Provisioning", "Sandbox",
                "Worktrees",
            ]),
        .module(
            "Checking", in: "Stages",
            uses: [
                "Vocabulary", "Workflows", "Lifecycle", "Configuration", "Provisioning", "Sandbox",
                "Worktrees",
                "ChildProcess", "Linux",
            ]),
        .module(
            "Reviewing", in: "Stages",
            uses: ["Vocabulary", "Workflows", "Lifecycle", "Configuration", "Sandbox", "Worktrees"]),
        .module(
            "Landing", in: "Stages",
            uses: [
                "Vocabulary", "Workflows", "Lifecycle", "Policies", "Configuration", "Worktrees", "Hashing",
            ]),

        // Engine.
        .module("Conductor", in: "Engine", uses: ["Vocabulary", "Workflows", "Lifecycle"]),

        // Surfaces.
        .module("ControlProtocol", in: "Surfaces", uses: ["Vocabulary"]),
        .module(
            "ControlServer", in: "Surfaces",
            uses: [
                "ControlProtocol", "Vocabulary", "Workflows", "Policies", "Lifecycle", "Conductor", "Journal",
                "Worktrees",
                "Configuration", "Egress", "Harnesses", "Agents", "Sandbox", "Rehearsal", "Hashing", "Linux",
                "Telemetry",
            ]),
        .module(
            "Terminal", in: "Surfaces", uses: ["ControlProtocol", "Vocabulary", "Linux", "ChildProcess"]),
        .module("Rehearsal", in: "Surfaces", uses: ["Vocabulary", "YAML", "HTTPServer"]),

        // Executables: composition roots.
        .program("graftwork", uses: ["Terminal", "Vocabulary", "Linux"]),
        .program(
            "graftwork-server",
            uses: [
                "Vocabulary", "Workflows", "Lifecycle", "Planning", "Authoring", "Checking", "Reviewing",
                "Landing", "Conductor", "ControlProtocol", "ControlServer", "Configuration", "Journal",
                "Worktrees", "Agents", "Harnesses", "Provisioning", "Sandbox", "Rehearsal", "ChildProcess",
                "Hashing", "Linux", "Telemetry",
            ]),
        .program("graftwork-runner", uses: ["Agents"]),
        .program("graftwork-agent", uses: ["HTTPClient", "Vocabulary", "ChildProcess", "Linux"]),
        .executableTarget(
            name: "sandbox-init", path: "Sources/Executables/sandbox-init",
            cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.unsafeFlags(["-static-executable"])]),

        // Tests, by the same floors.
        .target(
            name: "Fixtures", dependencies: ["ChildProcess", "Linux"], path: "Tests/Fixtures",
            swiftSettings: strict),
        .tests("VocabularyTests", in: "Domain", of: ["Vocabulary"]),
        .tests("ExpressionsTests", in: "Domain", of: ["Expressions", "Vocabulary"]),
        .tests("WorkflowsTests", in: "Domain", of: ["Workflows", "Vocabulary"]),
        .tests("PoliciesTests", in: "Domain", of: ["Policies", "Expressions", "Vocabulary"]),
        .tests(
            "LifecycleTests", in: "Domain",
            of: ["Lifecycle", "Vocabulary", "Workflows", "Policies", "Simulation"]),
        .tests("LinuxTests", in: "Bindings", of: ["Linux"]),
        .tests("ChildProcessTests", in: "Bindings", of: ["ChildProcess", "Linux"]),
        .tests("GitTests", in: "Bindings", of: ["Git", "Linux"]),
        .tests("SQLiteTests", in: "Bindings", of: ["SQLite"]),
        .tests("SeccompTests", in: "Bindings", of: ["Seccomp"]),
        .tests("YAMLTests", in: "Bindings", of: ["YAML"]),
        .tests("HTTPServerTests", in: "Bindings", of: ["HTTPServer", "HTTPClient"]),
        .tests("HTTPClientTests", in: "Bindings", of: ["HTTPClient", "HTTPServer"]),
        .tests("HashingTests", in: "Bindings", of: ["Hashing"]),
        .tests("TelemetryTests", in: "Bindings", of: ["Telemetry", "Linux"]),
        .tests(
            "ConfigurationTests", in: "Capabilities",
            of: ["Configuration", "Vocabulary", "Workflows", "Policies", "Linux"]),
        .tests(
            "JournalTests", in: "Capabilities",
            of: ["Journal", "Vocabulary", "SQLite", "ChildProcess", "Linux"]),
        .tests(
            "WorktreesTests", in: "Capabilities",
            of: ["Worktrees", "Vocabulary", "Git", "ChildProcess", "Linux"]),
        .target(
            name: "SandboxScene", dependencies: ["Fixtures", "Sandbox", "ChildProcess", "Linux"],
            path: "Tests/SandboxScene", swiftSettings: strict),
        .tests(
            "SandboxTests", in: "Capabilities",
            of: ["Sandbox", "SandboxScene", "Seccomp", "Vocabulary", "ChildProcess", "Linux"]),
        .tests(
            "ProvisioningTests", in: "Capabilities",
            of: ["Provisioning", "Vocabulary", "Workflows", "Worktrees", "Sandbox", "ChildProcess", "Linux"]),
        .tests(
            "EgressTests", in: "Capabilities",
            of: ["Egress", "Rehearsal", "Vocabulary", "ChildProcess", "HTTPClient", "HTTPServer", "Linux"]),
        .tests(
            "HarnessesTests", in: "Capabilities",
            of: ["Harnesses", "Vocabulary", "ChildProcess", "Linux", "graftwork-agent"],
            excluding: ["Fixtures"]),
        .tests(
            "AgentsTests", in: "Capabilities",
            of: [
                "Agents", "Vocabulary", "Policies", "Harnesses", "Sandbox", "Rehearsal", "Linux",
                "ChildProcess", "Egress",
            ]),
        .tests("CheckingTests", in: "Stages", of: ["Checking", "Vocabulary"]),
        .tests(
            "AuthoringTests", in: "Stages",
            of: [
                "Authoring", "Lifecycle", "Provisioning", "Sandbox", "Simulation", "Vocabulary", "Workflows",
                "Worktrees", "Linux",
            ]),
        .tests("ReviewingTests", in: "Stages", of: ["Reviewing", "Vocabulary", "Lifecycle", "Simulation"]),
        .tests(
            "LandingTests", in: "Stages",
            of: ["Landing", "Vocabulary", "Lifecycle", "Worktrees", "Linux", "Simulation"]),
        .tests(
            "ConductorTests", in: "Engine",
            of: ["Conductor", "Vocabulary", "Lifecycle", "Workflows", "Simulation"]),
        .tests("TerminalTests", in: "Surfaces", of: ["Terminal", "ControlProtocol", "Vocabulary", "Linux"]),
        .tests(
            "ControlServerTests", in: "Surfaces",
            of: [
                "ControlServer", "ControlProtocol", "Vocabulary", "Lifecycle", "Sandbox", "ChildProcess",
                "Linux", "Telemetry",
                "Simulation",
            ]),
        .tests("RehearsalTests", in: "Surfaces", of: ["Rehearsal", "Vocabulary", "HTTPClient"]),
        .target(
            name: "Simulation", dependencies: ["Vocabulary", "Workflows", "Lifecycle"],
            path: "Tests/Simulation",
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "Vocabulary", "Lifecycle"],
            path: "Tests/SimulationTests",
            swiftSettings: strict),
        .testTarget(
            name: "Stories",
            dependencies: ["Fixtures", "Vocabulary", "ControlProtocol", "ChildProcess", "Linux"],
            path: "Tests/Stories", swiftSettings: strict),
        .testTarget(
            name: "EndToEnd",
            dependencies: ["Fixtures", "Vocabulary", "ControlProtocol", "ChildProcess", "Linux"],
            path: "Tests/EndToEnd", swiftSettings: strict),
        .testTarget(
            name: "AttackTests",
            dependencies: [
                "Fixtures", "Sandbox", "SandboxScene", "Seccomp", "Vocabulary", "ChildProcess", "Linux",
            ],
            path: "Tests/AttackTests", swiftSettings: strict),
        .executableTarget(
            name: "WorktreeDriver",
            dependencies: ["Worktrees", "Sandbox", "Vocabulary", "ChildProcess", "Linux"],
            path: "Tests/WorktreeDriver", swiftSettings: strict),
        .executableTarget(
            name: "SandboxDriver",
            dependencies: ["Sandbox", "Seccomp", "Vocabulary", "ChildProcess", "Linux"],
            path: "Tests/SandboxDriver", swiftSettings: strict),
        .testTarget(name: "TidyTests", path: "Tests/TidyTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

extension Target {
    /// A library of the distribution, described by `Sources/Foreign/<name>/module.modulemap`.
    static func system(_ name: String, pkgConfig: String) -> Target {
        .systemLibrary(name: name, path: "Sources/Foreign/\(name)", pkgConfig: pkgConfig)
    }

    /// A Swift module that lives at `Sources/<floor>/<name>`.
    static func module(_ name: String, in floor: String, uses: [String] = []) -> Target {
        .target(
            name: name, dependencies: uses.map { .init(stringLiteral: $0) }, path: "Sources/\(floor)/\(name)",
            swiftSettings: strict)
    }

    /// An executable that lives at `Sources/Executables/<name>`.
    static func program(_ name: String, uses: [String]) -> Target {
        .executableTarget(
            name: name, dependencies: uses.map { .init(stringLiteral: $0) },
            path: "Sources/Executables/\(name)",
            swiftSettings: strict)
    }

    /// The tests of a module, at `Tests/<floor>/<name>`; `excluding` names folders of data.
    static func tests(_ name: String, in floor: String, of modules: [String], excluding: [String] = [])
        -> Target
    {
        .testTarget(
            name: name, dependencies: (modules + ["Fixtures"]).map { .init(stringLiteral: $0) },
            path: "Tests/\(floor)/\(name)", exclude: excluding, swiftSettings: strict)
    }
}
