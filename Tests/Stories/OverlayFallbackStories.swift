import Fixtures
import Foundation
import Testing

/// Root's own view of the machine, in which the state lies on other file systems; nobody else sees it.
@Suite(
    "Where overlays do not work", .serialized, .enabled(if: Requirement.isRoot, "\(Requirement.rootReason)"))
struct OverlayFallbackStories {
    /// Runs `doctor` with the state on what these commands mount at `$1`; the lines on worktrees.
    private static func doctor(_ mount: String) async throws -> [String] {
        var lines: [String] = []
        try await withWorld { world in
            let state = world.folder.path("state")
            let script = "set -e; \(mount); chmod 711 \"$1\"; shift; exec \"$@\""
            let found = try await world.run(
                ["doctor"],
                prefix: [
                    "/usr/bin/unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh",
                    state,
                ])
            #expect(found.code == 0, "\(found)")
            lines = found.lines.filter { $0.contains("worktrees: ") }
        }
        return lines
    }

    private static let overlay = """
        mkdir "$1.l" "$1.u" "$1.w"; \
        mount -t overlay -o "lowerdir=$1.l,upperdir=$1.u,workdir=$1.w" none "$1"
        """

    private static let noAttributes = "mount -t ramfs -o mode=711 none \"$1\""

    @Test(
        "doctor says why, and that worktrees are checkouts",
        arguments: [
            // Overlay on overlay, as in a container.
            ("overlay", overlay),
            // No extended attributes, with which an overlay remembers what was removed.
            ("ramfs", noAttributes),
        ])
    func odd(_ kind: String, _ mount: String) async throws {
        let lines = try await Self.doctor(mount)
        let sentence = "worktrees: An overlay on a file system of type \(kind) does not work here: "
        #expect(lines.contains { $0.contains(sentence) }, "\(lines)")
    }

    @Test(
        "a disk of its own is no such place, and doctor says that overlays work",
        .enabled(if: Requirement.has("mkfs.ext4"), "needs mkfs.ext4"))
    func ownDisk() async throws {
        let lines = try await Self.doctor(
            """
            PATH=$PATH:/usr/sbin:/sbin; truncate -s 64M "$1.img"; mkfs.ext4 -q "$1.img"; \
            mount -o loop "$1.img" "$1"
            """)
        #expect(lines.contains { $0.contains("worktrees: overlays work here") }, "\(lines)")
    }

    @Test("the run goes on with checkouts, and its log says so once")
    func run() async throws {
        let configuration = ProductWorld.twoVendors + "worktrees: { backend: overlay }\n"
        try await withWorld(configuration: configuration) { world in
            let script = "set -e; \(Self.noAttributes); shift; exec \"$@\""
            // The server sees this view alone, and ends with it.
            let result = try await world.run(
                [
                    "run", "Add two functions", "--update-checkout", "--rehearse",
                    try world.script(RehearsalScripts.twoTasks),
                ],
                prefix: [
                    "/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                    "--propagation", "private", "/bin/sh", "-c", script, "sh", world.folder.path("state"),
                ])
            #expect(result.code == 0, "\(result)")
            let said = result.text.components(separatedBy: "it is a checkout, not an overlay as configured: ")
            #expect(said.count == 2, "\(result)")
        }
    }
}
