import Glibc
import Linux
package import Vocabulary

/// Why no sandbox was started. Nothing ever runs without one instead.
package enum SandboxError: ExplainedError, Hashable {
    case noBwrap(looked: [String])
    case oldBwrap(found: String, needed: String)
    /// The kernel, or something in front of it, refuses new user namespaces. `evidence` says how that was
    /// found.
    case userNamespacesOff(evidence: String)
    case filtersMissing(evidence: String)
    /// libseccomp cannot make the filter: it is no question of the kernel.
    case filterNotCompiled(reason: String)
    /// Its hard limit of core dumps is 0, at which the kernel still starts the host's own program for them.
    case coreLimitTooLow
    case noSandboxInit(looked: [String])
    case pathNotTraversable(path: String, blockedAt: String, uid: UInt32)
    case pathMissing(path: String, what: String)
    /// A path that cannot be shown: relative, not normalised, or one the sandbox makes itself.
    case pathRefused(path: String, reason: String)
    case environmentRefused(name: String)
    case commandRefused(reason: String)
    case rootNeedsSessionUID
    case uidRefused(uid: UInt32, reason: String)
    case noFreeUID(limit: Int)
    case noFreePorts(count: Int)
    case mirrorFailed(path: String, reason: String)
    case launchFailed(reason: String)
    /// The configuration wants the kernel to keep the limits, and it cannot be told to.
    case noControlGroups(reason: String)
    case cancelled
    /// The self-test found a wall that does not hold.
    case notProven(check: String, detail: String)
    /// bwrap ran and failed for a reason we have no name for.
    case probeFailed(detail: String)
}

extension SandboxError {
    package var description: String {
        switch self {
        case .noBwrap(let looked):
            "The sandbox program bwrap is not installed (looked at \(looked.joined(separator: ", ")))."
        case .oldBwrap(let found, let needed):
            "The sandbox program bwrap is too old: \(found) is installed and \(needed) is needed."
        case .userNamespacesOff(let evidence):
            """
            This machine does not let programs make user namespaces, so no sandbox can be built: \(evidence).
            """
        case .filtersMissing(let evidence):
            "This kernel has no system call filters (seccomp), so no sandbox can be built: \(evidence)."
        case .filterNotCompiled(let reason):
            "The library libseccomp cannot compile the sandbox's filter: \(reason)."
        case .coreLimitTooLow:
            "The hard limit of core dumps is 0 here and cannot be raised: only at 1 does the kernel never "
                + "start this machine's own program for dumps when something crashes in a sandbox."
        case .noSandboxInit(let looked):
            "The program sandbox-init is missing (looked at \(looked.joined(separator: ", ")))."
        case .pathNotTraversable(let path, let blockedAt, let uid):
            "\(path) cannot be shown in a sandbox of uid \(uid): that uid may not pass through \(blockedAt)."
        case .pathMissing(let path, let what):
            "The \(what) \(path) does not exist, so it cannot be shown in a sandbox."
        case .pathRefused(let path, let reason):
            "'\(path)' cannot be shown in a sandbox: \(reason)."
        case .environmentRefused(let name):
            "The variable \(name) is never passed into a sandbox."
        case .commandRefused(let reason):
            "The command cannot be run in a sandbox: \(reason)."
        case .rootNeedsSessionUID:
            "A server of root needs a session uid for every sandbox, and none was given."
        case .uidRefused(let uid, let reason):
            "The uid \(uid) cannot be used for a session: \(reason)."
        case .noFreeUID(let limit):
            "All \(limit) session uids are taken."
        case .noFreePorts(let count):
            "No block of \(count) free ports was found on this machine."
        case .mirrorFailed(let path, let reason):
            "\(path) could not be copied to where a session can reach it: \(reason)."
        case .noControlGroups(let reason):
            "No control groups can be made here, and the configuration asks for them or the run began with "
                + "them: \(reason)."
        case .cancelled: "What was to run in the sandbox was cancelled."
        case .launchFailed(let reason):
            "The sandbox could not be started: \(reason)."
        case .notProven(let check, let detail):
            "The sandbox does not hold on this machine, so no session is started: \(check): \(detail)."
        case .probeFailed(let detail):
            "bwrap cannot build a sandbox on this machine: \(detail)."
        }
    }

    package var hint: String? {
        switch self {
        case .launchFailed(let reason) where Self.namesFullDisk(reason),
            .notProven(_, let reason) where Self.namesFullDisk(reason),
            .probeFailed(let reason) where Self.namesFullDisk(reason),
            .mirrorFailed(_, let reason) where Self.namesFullDisk(reason):
            "Free some space, or files where their number is limited, on the disk of the path it names."
        case .noBwrap:
            "Install it with `apt-get install bubblewrap`."
        case .oldBwrap(_, let needed):
            "Upgrade the distribution (Debian 12 and Ubuntu 23.04 have \(needed) or newer), or install a "
                + "newer bubblewrap in its place."
        case .filterNotCompiled:
            "Install the distribution's libseccomp 2.5 or newer; Graftwork must run on x86-64 or arm64."
        case .userNamespacesOff:
            "As root, set `sysctl user.max_user_namespaces=10000`, and where they exist "
                + "`kernel.unprivileged_userns_clone=1` and `kernel.apparmor_restrict_unprivileged_userns=0`."
        case .filtersMissing:
            "Use a kernel with CONFIG_SECCOMP_FILTER; every distribution's own kernel has it."
        case .coreLimitTooLow:
            "As root, write `hard core unlimited` for this user in /etc/security/limits.conf and log in "
                + "again; in a service, set `LimitCORE=infinity`."
        case .noSandboxInit:
            "Install Graftwork again with `scripts/install`; sandbox-init belongs beside the other programs."
        case .pathNotTraversable(_, let blockedAt, _):
            "Move it out of \(blockedAt) to a folder that others may enter, such as one below /opt."
        case .environmentRefused(let name):
            "Remove \(name) from the agent's or check's environment."
        case .rootNeedsSessionUID, .launchFailed:
            "Run `graftwork doctor` to see what this machine refuses."
        case .notProven:
            "Update this machine's kernel and bubblewrap; every wall is in the list of `graftwork doctor`."
        case .probeFailed:
            "Run `bwrap --unshare-all --ro-bind / / true`, and look into the kernel's log for who refuses it."
        case .noFreeUID:
            "Wait for a session to end, or stop one with `graftwork stop`."
        case .noFreePorts:
            "End runs with `graftwork stop`, or ask for fewer with `ports:`."
        case .noControlGroups:
            "Run the server as root or in a `systemd --user` service with `Delegate=yes`, or start a new run "
                + "without `sandbox: limits:`."
        case .pathMissing(let path, SandboxPlan.Source.readOnlyPath):
            "Make \(path), or take it out of `worktree: share:` or `toolchains:`, whichever names it."
        case .pathMissing, .pathRefused, .commandRefused, .uidRefused, .mirrorFailed, .cancelled:
            nil
        }
    }

    private static func namesFullDisk(_ reason: String) -> Bool {
        [ENOSPC, EDQUOT].map(SystemError.text(of:)).contains(where: reason.contains)
    }

    package var blame: Blame {
        switch self {
        case .noBwrap, .oldBwrap, .userNamespacesOff, .filtersMissing, .filterNotCompiled, .coreLimitTooLow,
            .pathNotTraversable, .noFreeUID, .noFreePorts, .mirrorFailed,
            .launchFailed, .notProven, .probeFailed, .noControlGroups, .cancelled:
            .environment
        case .environmentRefused, .commandRefused, .pathMissing, .pathRefused: .configuration
        case .noSandboxInit, .rootNeedsSessionUID, .uidRefused: .us
        }
    }
}
