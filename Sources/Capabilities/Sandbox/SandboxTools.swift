import Glibc

/// The two programs a sandbox is made with.
package struct SandboxTools: Hashable, Sendable {
    package var bwrap: String
    package var sandboxInit: String

    package init(bwrap: String, sandboxInit: String) {
        self.bwrap = bwrap
        self.sandboxInit = sandboxInit
    }

    /// Where a distribution puts bwrap. PATH is not asked: it is not a root server's to trust.
    package static let bwrapPlaces = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"]

    /// Finds bwrap where distributions put it, and sandbox-init beside our own programs.
    package static func locate(beside executableFolder: String) throws(SandboxError) -> SandboxTools {
        try locate(beside: executableFolder, bwrapPlaces: bwrapPlaces)
    }

    package static func locate(beside executableFolder: String, bwrapPlaces: [String]) throws(SandboxError)
        -> SandboxTools
    {
        guard let bwrap = bwrapPlaces.first(where: { access($0, X_OK) == 0 }) else {
            throw .noBwrap(looked: bwrapPlaces)
        }
        let sandboxInit = executableFolder + "/sandbox-init"
        guard access(sandboxInit, X_OK) == 0 else { throw .noSandboxInit(looked: [sandboxInit]) }
        return SandboxTools(bwrap: bwrap, sandboxInit: sandboxInit)
    }
}
