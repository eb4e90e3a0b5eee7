import ChildProcess
import Fixtures
import Glibc
import Linux
import Testing
import Vocabulary

/// An overlay mounted in a mount namespace of its own, as a sandbox has it, and reached from here through the
/// process that lives there.
final class OverlayMount {
    private let child: RunningChild
    /// Where the merged files are for who lives in the namespace, and as a path of this process.
    let merged: String
    let path: String
    /// Begins a command that runs in the namespace.
    let entering: [String]

    /// Mounts a worktree's layers at a folder; as an ordinary user in a user namespace.
    init(_ layers: OverlayLayers, at folder: String) async throws {
        merged = folder
        try Files.makeDirectory(merged)
        let options =
            "userxattr,lowerdir=\(layers.lower),upperdir=\(layers.upper),workdir=\(layers.work)"
        let script = "mount -t overlay -o \(options) overlay \(merged) && echo ready && exec sleep infinity"
        let namespace = SystemIdentity.isRoot ? ["--mount"] : ["--user", "--map-root-user", "--mount"]
        child = try Child.spawn(
            ChildCommand(
                ["/usr/bin/unshare"] + namespace + ["--propagation", "private", "/bin/sh", "-c", script],
                environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]),
            stdout: .pipe, stderr: .inherited)
        entering =
            ["/usr/bin/nsenter", "--target", "\(child.pid)", "--mount"]
            + (SystemIdentity.isRoot ? [] : ["--user", "--preserve-credentials"])
        path = "/proc/\(child.pid)/root\(merged)"
        let output = try #require(child.stdout)
        let line = try await LineStream(reading: output, lineBytesMax: 100).next()
        try #require(line?.text == "ready", "no overlay can be mounted here")
    }

    /// Ends the namespace, and with it the mount.
    func unmount() async { await child.tearDown(.immediate) }

    deinit { child.signalGroup(SIGKILL) }

    /// Whether this machine lets the user of the tests mount one.
    static let isPossible: Bool = {
        guard !SystemIdentity.isRoot else { return true }
        let switches = [
            "/proc/sys/kernel/unprivileged_userns_clone": "0",
            "/proc/sys/user/max_user_namespaces": "0",
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
        ]
        return switches.allSatisfy { path, off in
            guard let text = try? Files.readText(path, bytesMax: 100) else { return true }
            return !text.hasPrefix(off)
        }
    }()
    static let reason: Comment = "needs an overlay in a user namespace, which this machine forbids"
}
