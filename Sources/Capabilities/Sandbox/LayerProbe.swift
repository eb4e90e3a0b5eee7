import ChildProcess
import Glibc
package import Linux
package import Vocabulary

/// Finds out what sandboxes can show on this machine and file system, by showing it.
package struct LayerProbe: Sendable {
    private static let patience = Duration.seconds(30)
    private static let outputBytesMax = 16 << 10
    private static let mountTableBytesMax = 4 << 20

    /// Mounts an overlay of `folder`'s file system in a sandbox and has files changed in it that need all an
    /// overlay is made of: a whiteout, an opaque folder, a copied file.
    ///
    /// - Parameters:
    ///   - folder: where worktrees will lie; the uid must be able to reach it.
    ///   - uid: as whom sessions run, for a root server.
    package static func run(launcher: SandboxLauncher, uid: UInt32?, in folder: String) async -> LayerSupport
    {
        let base = "\(folder)/\(prefix)\(SystemIdentity.pid)-\(RandomBytes.hex(count: 6))"
        var support: LayerSupport
        do {
            try lay(base, uid)
            support = LayerSupport(
                overlayProblem: try await overlayProblem(launcher, uid, base, folder),
                sharingProblem: uid == nil ? nil : try await sharingProblem(launcher, uid, base))
        } catch {
            let why = "It could not be tried: \(error)."
            support = LayerSupport(overlayProblem: why, sharingProblem: uid == nil ? nil : why)
        }
        do throws(SystemError) {
            try Files.removeTree(base)
        } catch {
            support.overlayProblem =
                support.overlayProblem ?? "What an overlay leaves cannot be removed: \(error)."
        }
        return support
    }

    private static let prefix = "layer-probe-"

    /// Removes what probes left whose process was killed.
    package static func sweep(_ folder: String) throws(SystemError) {
        for name in try Files.list(folder) where name.hasPrefix(prefix) {
            let pid = name.dropFirst(prefix.count).prefix { $0 != "-" }
            if !Files.exists("/proc/\(pid)") { try Files.removeTree("\(folder)/\(name)") }
        }
    }

    private static func layers(_ base: String) -> OverlayLayers {
        OverlayLayers(lower: base + "/lower", upper: base + "/upper", work: base + "/work")
    }

    private static func lay(_ base: String, _ uid: UInt32?) throws(SystemError) {
        try Files.makeDirectory(base, mode: 0o711)
        try Files.changeMode(base, 0o711)
        for name in ["lower", "lower/folder", "upper", "work", "place", "home"] {
            try Files.makeDirectory("\(base)/\(name)", mode: 0o700)
        }
        for name in ["file", "gone", "folder/inner"] {
            try Files.writeAtomically("\(base)/lower/\(name)", text: "lower\n", mode: 0o600)
        }
        if let uid {
            for name in ["upper", "work", "place", "home"] {
                try Files.changeOwner(tree: "\(base)/\(name)", uid: uid, gid: uid)
            }
        }
    }

    private static func overlayProblem(
        _ launcher: SandboxLauncher, _ uid: UInt32?, _ base: String, _ folder: String
    ) async throws -> String? {
        let layers = layers(base)
        let script =
            "set -e; rm gone; rm -r folder; mkdir folder; echo new > folder/new; echo more >> file; cat file"
        let profile = SandboxProfile(
            kind: .check, worktree: base + "/place", home: base + "/home",
            command: ["/bin/sh", "-c", script],
            uid: uid, overlay: layers)
        let output = try await launcher.run(profile, outputBytesMax: outputBytesMax, timeout: patience)
        guard output.isSuccess, output.stdoutText == "lower\nmore\n" else {
            let said = output.stderrText.split(separator: "\n").last.map(String.init) ?? "it said nothing"
            let table = try Files.readText("/proc/self/mountinfo", bytesMax: mountTableBytesMax)
            let kind =
                fileSystem(of: folder, mountTable: table).map { " on a file system of type \($0)" } ?? ""
            return "An overlay\(kind) does not work here: \(VisibleText.oneLine(said, limit: 200))"
        }
        let whiteout = try Files.status(of: layers.upper + "/gone")
        guard whiteout.st_mode & S_IFMT == S_IFCHR, whiteout.st_rdev == 0 else {
            return "An overlay here writes no whiteouts."
        }
        guard try Files.readText(layers.lower + "/file", bytesMax: 64) == "lower\n",
            try Files.list(layers.upper + "/folder") == ["new"]
        else { return "An overlay here does not keep its layers apart." }
        return nil
    }

    private static func sharingProblem(
        _ launcher: SandboxLauncher, _ uid: UInt32?, _ base: String
    ) async throws -> String? {
        let profile = SandboxProfile(
            kind: .check, worktree: base + "/place", home: base + "/home",
            command: ["/bin/sh", "-c", "cat \"$0\"", base + "/lower/file"], uid: uid,
            sharedObjects: base + "/lower")
        let output = try await launcher.run(profile, outputBytesMax: outputBytesMax, timeout: patience)
        if output.isSuccess, output.stdoutText == "lower\n" { return nil }
        let said = output.stderrText.split(separator: "\n").last.map(String.init) ?? "it said nothing"
        return "Folders cannot be shown as a session's own: \(VisibleText.oneLine(said, limit: 200))"
    }

    /// The type of the file system a path lies on, after proc(5)'s `mountinfo`: the last mount with the
    /// longest place above the path.
    package static func fileSystem(of path: String, mountTable: String) -> String? {
        var best: (place: String, type: String)?
        for line in mountTable.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 5, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.endIndex else {
                continue
            }
            let place = String(fields[4])
            guard ShownPath.contains(place, path) else { continue }
            if place.utf8.count >= best?.place.utf8.count ?? 0 { best = (place, String(fields[dash + 1])) }
        }
        return best?.type
    }
}
