import Fixtures
import Glibc
import Linux
package import Sandbox
package import Vocabulary

/// A scene whose worktree is an overlay: pristine files below, nothing changed yet above.
package struct OverlayScene: Sendable {
    package let scene: SandboxScene
    package let layers: OverlayLayers

    /// - Parameter folder: the name of the folder of the layers, which may be one that mount options would
    ///   misread.
    package init(
        _ mode: SandboxScene.Mode, files: [String: String] = ["a.txt": "one\n", "folder/b.txt": "two\n"],
        in folder: String = "layers"
    ) throws {
        let scene = try SandboxScene(mode)
        let place = scene.folder.path(folder)
        layers = OverlayLayers(lower: "\(place)/lower", upper: "\(place)/upper", work: "\(place)/work")
        try Files.makeDirectory(place, mode: 0o755)
        for path in [layers.lower, layers.upper, layers.work] { try Files.makeDirectory(path, mode: 0o700) }
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
            let path = "\(layers.lower)/\(name)"
            try Files.makeDirectory(Files.parent(of: path), mode: 0o700)
            try Files.writeAtomically(path, text: text, mode: 0o600)
        }
        try Files.create("\(layers.upper)/.git", mode: 0o600)
        try scene.own(layers.upper, layers.work)
        // An ordinary user's server has made the pristine files under the one uid there is.
        if mode == .ordinaryUser { try scene.own(layers.lower) }
        self.scene = scene
    }

    package func show(in profile: inout SandboxProfile) { profile.overlay = layers }

    package func shell(
        _ script: String, _ change: (inout SandboxProfile) -> Void = { _ in }
    ) async throws -> String {
        try await scene.shell(script) {
            show(in: &$0)
            change(&$0)
        }
    }

    package func python(_ script: String) async throws -> String {
        try await scene.python(script) { show(in: &$0) }
    }

    /// Every file below a folder with its mode, owner, times and text: what an attack must leave as it is.
    package static func inventory(of folder: String) throws -> [String] {
        try Files.list(folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            let status = try Files.status(of: path)
            let line =
                "\(path) \(status.st_mode) \(status.st_uid) \(status.st_nlink) \(status.st_mtim.tv_sec)"
                + ".\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
            if Files.isDirectory(path) { return [line] + (try inventory(of: path)) }
            return ["\(line) \(try Files.readText(path, bytesMax: 1 << 20))"]
        }
    }
}
