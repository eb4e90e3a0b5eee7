import Fixtures
import Linux
import Sandbox
import SandboxScene
import Seccomp
import Vocabulary

/// One wall of the sandbox, and how a test takes it away to see what it was for.
enum Protection: String, Sendable, Hashable, CaseIterable {
    /// What no mount names does not exist inside. Without: the folder around the worktree is there.
    case nothingUnnamed
    /// The root folder with what is generated in it. Without: it is not sealed.
    case sealedRoot
    case sealedDevices
    /// Masks over files of `/proc`.
    case hiddenKernelFiles
    /// `/proc/sys` and its neighbours are mounted read-only.
    case readOnlyKernelSwitches
    /// Toolchains and the gateway's socket are mounted read-only.
    case readOnlyBinds
    /// A small `/dev` and not the machine's.
    case ownDevices
    /// `/dev/shm` is the sandbox's own memory.
    case ownSharedMemory
    /// The pointer file over `WORKTREE/.git`, which the host's git reads.
    case pointerOverDotGit
    /// A git directory of its own. Without: the user's is mounted, and the worktree's `.git` leads there.
    case ownGitDirectory
    case systemCallFilter
    /// Process 1 is sandbox-init, which nobody inside can look into. Without: it is bwrap.
    case closedFirstProcess
    /// No user namespace can be made inside.
    case noFurtherNamespaces
    case ownNetwork
    case ownProcesses
    case ownIPC
    /// What sandbox-init does before bwrap: descriptors closed, environment emptied, the session's uid.
    case launcher
    case coreLimit, fileLimit, processLimit, openFilesLimit, temporaryLimit, sharedMemoryLimit
    /// By a control group, or by whoever looks once a second.
    case memoryLimit
    /// Looked at once a second: what the sandbox's folders grow by.
    case diskLimit, filesLimit

    /// Without a process namespace the last `kill(-1)` of sandbox-init would meet everything of the same
    /// uid, so that uid must be the sandbox's own. And only root's sandbox has a uid to drop.
    var needsRootToTakeAway: Bool {
        switch self {
        case .ownProcesses, .launcher: true
        case .nothingUnnamed, .sealedRoot, .sealedDevices, .hiddenKernelFiles, .readOnlyKernelSwitches,
            .readOnlyBinds, .ownDevices, .ownSharedMemory, .pointerOverDotGit, .ownGitDirectory,
            .systemCallFilter, .noFurtherNamespaces, .closedFirstProcess, .ownNetwork, .ownIPC, .coreLimit,
            .fileLimit,
            .processLimit,
            .openFilesLimit, .temporaryLimit, .sharedMemoryLimit, .memoryLimit, .diskLimit, .filesLimit:
            false
        }
    }

    /// What the sandbox shares with its host without it.
    var shared: HostShare? {
        switch self {
        case .ownNetwork: .network
        case .ownProcesses: .processes
        case .ownIPC: .ipc
        case .ownDevices: .devices
        case .noFurtherNamespaces: .furtherNamespaces
        case .closedFirstProcess: .firstProcess
        case .nothingUnnamed, .sealedRoot, .sealedDevices, .hiddenKernelFiles, .readOnlyKernelSwitches,
            .readOnlyBinds, .ownSharedMemory, .pointerOverDotGit, .ownGitDirectory, .systemCallFilter,
            .launcher, .coreLimit, .fileLimit, .processLimit, .openFilesLimit, .temporaryLimit,
            .sharedMemoryLimit, .memoryLimit, .diskLimit, .filesLimit:
            nil
        }
    }

    /// Takes it out of a plan.
    func leave(_ plan: inout SandboxPlan, on ground: AttackGround) {
        let dotGit = ground.scene.worktree + "/.git"
        switch self {
        case .nothingUnnamed:
            // The wider mount comes before the narrower ones.
            plan.insert(.writable(ground.scene.folder.path, at: ground.scene.folder.path))
        case .sealedRoot: plan.mounts.removeAll { $0 == .sealed(at: "/") }
        case .sealedDevices: plan.mounts.removeAll { $0 == .sealed(at: "/dev") }
        case .hiddenKernelFiles:
            plan.mounts.removeAll { mount in
                SandboxPlan.procHidden.contains { mount == .hiddenFile(at: $0) }
            }
        case .readOnlyKernelSwitches:
            plan.mounts.removeAll { mount in
                SandboxPlan.procReadOnly.contains { mount == .readOnly($0, at: $0) }
            }
        case .readOnlyBinds:
            let socket = SandboxPlan.gatewaySocketInside
            for (source, place) in [(ground.toolchain, ground.toolchain), (ground.gateway, socket)] {
                plan.replace(.readOnly(source, at: place), with: [.writable(source, at: place)])
            }
        case .ownSharedMemory:
            plan.replace(
                .memory(at: "/dev/shm", bytesMax: plan.limits.sharedMemoryBytesMax, mode: "1777"),
                with: [.writable("/dev/shm", at: "/dev/shm")])
        case .pointerOverDotGit:
            plan.mounts.removeAll { $0 == .readOnly(ground.scene.folder.path("pointer"), at: dotGit) }
        case .ownGitDirectory:
            plan.mounts.removeAll { $0 == .readOnly(ground.scene.folder.path("pointer"), at: dotGit) }
            let users = ground.scene.folder.path("repository/.git")
            plan.insert(.writable(users, at: users))
        case .systemCallFilter:
            plan.filter = SeccompProgram(
                rules: [], firstUnknownNumber: 0x3fff_ffff, killsForeignABIs: false)
        case .launcher:
            // Its uid was dropped by what is gone now; bwrap runs as root.
            break
        case .ownProcesses:
            // With it goes sandbox-init inside: it ends what is left by kill(-1).
            if let at = plan.command.firstIndex(of: "--") { plan.command.removeSubrange(...at) }
        case .processLimit:
            if let at = plan.command.firstIndex(of: "--processes") {
                plan.command.removeSubrange(at...(at + 1))
            }
            plan.limits.resources.processesMax = 4096
        case .ownNetwork:
            // Its relay would listen on the host.
            if let at = plan.command.firstIndex(of: "--relay") {
                plan.command.removeSubrange(at...(at + 2))
            }
        case .coreLimit: plan.limits.coreBytesMax = 1 << 20
        case .memoryLimit: plan.limits.resources.memoryBytesMax = 4 << 30
        case .diskLimit: plan.limits.resources.diskBytesMax = 1 << 30
        case .filesLimit: plan.limits.resources.filesMax = 1_000_000
        case .fileLimit: plan.limits.fileBytesMax = 1 << 30
        case .openFilesLimit: plan.limits.openFilesMax = 4096
        case .temporaryLimit:
            plan.replace(
                .memory(at: "/tmp", bytesMax: plan.limits.temporaryBytesMax, mode: "0700"),
                with: [.memory(at: "/tmp", bytesMax: 64 << 20, mode: "0700")])
        case .sharedMemoryLimit:
            plan.replace(
                .memory(at: "/dev/shm", bytesMax: plan.limits.sharedMemoryBytesMax, mode: "1777"),
                with: [.memory(at: "/dev/shm", bytesMax: 64 << 20, mode: "1777")])
        case .ownDevices, .noFurtherNamespaces, .closedFirstProcess, .ownIPC: break
        }
    }
}

extension SandboxPlan {
    /// After the sandbox's own memory, and before what the profile names, which then lies on top.
    fileprivate mutating func insert(_ mount: SandboxMount) {
        let at = mounts.lastIndex { if case .memory = $0 { true } else { false } }
        mounts.insert(mount, at: (at ?? mounts.count - 1) + 1)
    }

    fileprivate mutating func replace(_ mount: SandboxMount, with others: [SandboxMount]) {
        if let at = mounts.firstIndex(of: mount) { mounts.replaceSubrange(at...at, with: others) }
    }
}
