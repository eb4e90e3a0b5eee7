import Seccomp
package import Vocabulary

/// The walls of one sandbox as people and programs read them, in the order in which they are put up.
package struct SandboxPlanDocument: Hashable, Sendable, Codable {
    package struct Mount: Hashable, Sendable, Codable {
        package var kind: String
        package var at: String
        /// Where on the host it comes from; nil: from nowhere.
        package var source: String?
        package var detail: String?
    }
    package struct Refusal: Hashable, Sendable, Codable {
        package var calls: [String]
        package var reason: String
    }
    package var mounts: [Mount]
    package var environment: [String: String]
    package var limits: SandboxLimits
    package var limitsAreKeptBy: LimitMeans
    /// Folders of the host whose growth is limited.
    package var writtenFolders: [String]
    /// The host's uid; nil: the caller's own.
    package var uid: UInt32?
    package var recordsExecs: Bool
    package var refusedCalls: [Refusal]
    /// Calls from this number on answer ENOSYS.
    package var firstUnknownCall: UInt32
    package var killsForeignABIs: Bool
    package var workingDirectory: String
    package var command: [String]

    package init(_ plan: SandboxPlan, limitsAreKeptBy means: LimitMeans) {
        limitsAreKeptBy = means
        writtenFolders = plan.writtenFolders
        mounts = plan.mounts.map(\.described)
        environment = Dictionary(plan.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        limits = plan.limits
        uid = plan.uid
        recordsExecs = plan.recordsExecs
        refusedCalls = SandboxFilter.reasons.map { Refusal(calls: $0.names, reason: $0.reason) }
        firstUnknownCall = plan.filter.firstUnknownNumber
        killsForeignABIs = plan.filter.killsForeignABIs
        workingDirectory = plan.workingDirectory
        command = plan.command
    }

    /// The same for a terminal, a line each.
    package var text: String {
        var lines = ["mounts, later ones over earlier ones:"]
        for mount in mounts {
            let source = mount.source.map { $0 == mount.at ? "" : " from \($0)" } ?? ""
            let kind = mount.kind + String(repeating: " ", count: max(1, 12 - mount.kind.count))
            lines.append("  " + kind + mount.at + source + (mount.detail.map { ", \($0)" } ?? ""))
        }
        lines += ["environment:"] + environment.sorted { $0.key < $1.key }.map { "  \($0.key)=\($0.value)" }
        lines += [
            "limits, kept by \(limitsAreKeptBy.words):",
            "  core dumps \(limits.coreBytesMax) bytes, open files \(limits.openFilesMax)",
            "  processes and threads \(limits.resources.processesMax), memory "
                + "\(limits.resources.memoryBytesMax) bytes, processors \(processors)",
            "  on disk \(limits.resources.diskBytesMax) bytes and \(limits.resources.filesMax) files more",
            "  one file \(limits.fileBytesMax) bytes, files in memory \(limits.temporaryFilesMax) a folder",
            "namespaces: user, mount, pid, network, ipc, uts, cgroup; none can be made inside",
            "user: \(uid.map { "uid \($0) of the host" } ?? "your own uid"), 1000 inside, no capability",
            "execs: \(recordsExecs ? "each waits until it is recorded" : "not recorded")",
            "system calls that are refused; every other below \(firstUnknownCall) is allowed:",
        ]
        lines += refusedCalls.map { "  \($0.calls.joined(separator: " ")): \($0.reason)" }
        lines += ["  number \(firstUnknownCall) and above: ENOSYS"]
        if killsForeignABIs { lines += ["  any call of a foreign ABI: the process is killed"] }
        lines += ["in: \(workingDirectory)", "command: \(command.joined(separator: " "))"]
        return lines.joined(separator: "\n") + "\n"
    }
}

extension SandboxPlanDocument {
    private var processors: String {
        guard let milli = limits.resources.milliCPUsMax else { return "all, at half the weight" }
        return "\(milli / 1000).\(milli % 1000 / 100)"
    }
}

extension SandboxMount {
    fileprivate var described: SandboxPlanDocument.Mount {
        func mount(_ kind: String, _ place: String, _ source: String? = nil, _ detail: String? = nil)
            -> SandboxPlanDocument.Mount
        {
            SandboxPlanDocument.Mount(kind: kind, at: place, source: source, detail: detail)
        }
        return switch self {
        case .readOnly(let source, let place): mount("read-only", place, source)
        case .readOnlyIfPresent(let source, let place): mount("read-only", place, source, "where it exists")
        case .writable(let source, let place): mount("writable", place, source)
        case .link(let target, let place): mount("link", place, nil, "to \(target)")
        case .directory(let place): mount("folder", place)
        case .processes(let place): mount("processes", place)
        case .devices(let place): mount("devices", place)
        case .memory(let place, let bytesMax, let mode):
            mount("memory", place, nil, "\(bytesMax) bytes, mode \(mode)")
        case .file(let place, let text): mount("generated", place, nil, "\(text.utf8.count) bytes")
        case .hiddenFile(let place): mount("hidden", place)
        case .hiddenDirectory(let place): mount("hidden", place, nil, "a folder")
        case .sealed(let place): mount("sealed", place)
        }
    }
}
