package import Linux
import Vocabulary

extension SandboxPlan {
    /// The descriptors of a started bwrap. Fixed, so that the arguments are a value too.
    package static let argumentsDescriptor: Int32 = 3
    package static let filterDescriptor: Int32 = 4
    package static let firstFileDescriptor: Int32 = 5

    /// The texts of the generated files, in the order of their descriptors.
    package var generatedFiles: [String] { Self.generatedFiles(of: mounts) }

    /// After those of the files.
    static func ledgerDescriptor(_ mounts: [SandboxMount]) -> Int32 {
        firstFileDescriptor + Int32(generatedFiles(of: mounts).count)
    }

    private static func generatedFiles(of mounts: [SandboxMount]) -> [String] {
        mounts.compactMap {
            switch $0 {
            case .file(_, let text): text
            case .readOnly, .readOnlyIfPresent, .writable, .link, .directory, .processes, .devices, .memory,
                .hiddenFile,
                .hiddenDirectory, .sealed:
                nil
            }
        }
    }

    /// bwrap's options. They travel through a descriptor (`--args`), so that no value of the environment is
    /// ever an argument that other users of the machine can read.
    package var bwrapArguments: [String] {
        var next = Self.firstFileDescriptor
        func fileDescriptor() -> Int32 {
            defer { next += 1 }
            return next
        }
        return [
            "--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000",
            "--hostname", "agent",
            // sandbox-init itself is process 1: a bwrap in that place could be written by the agent.
            "--new-session", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL",
        ]
            + mounts.flatMap { $0.options(fileDescriptor: fileDescriptor) }
            + ["--clearenv"] + environment.flatMap { ["--setenv", $0.name, $0.value] }
            + ["--seccomp", String(Self.filterDescriptor), "--chdir", workingDirectory]
    }

    /// What a sandbox runs at where no control group gives it its share of the processors.
    private static let niceness = 10

    /// The whole command line of the process that is started on the host.
    ///
    /// - Parameters:
    ///   - groups: the ways into the control groups it is to be in.
    ///   - sharesProcessors: whether one of them limits its share of the processors.
    package func launchArguments(
        tools: SandboxTools, parent: Int32, groups: [ControlGroup.Entrance] = [],
        sharesProcessors: Bool = false
    ) -> [String] {
        var descriptors = [Self.argumentsDescriptor, Self.filterDescriptor]
        for index in generatedFiles.indices { descriptors.append(Self.firstFileDescriptor + Int32(index)) }
        if recordsExecs { descriptors.append(Self.ledgerDescriptor(mounts)) }
        var arguments = [tools.sandboxInit, "launch", "--parent", String(parent)]
        if let uid { arguments += ["--uid", String(uid)] }
        arguments += ["--core", String(limits.coreBytesMax), "--nofile", String(limits.openFilesMax)]
        arguments += ["--fsize", String(limits.fileBytesMax)]
        if !sharesProcessors { arguments += ["--nice", String(Self.niceness)] }
        for group in groups {
            switch group {
            case .tasks(let file): arguments += ["--tasks", file]
            case .folder(let path): arguments += ["--cgroup", path]
            }
        }
        arguments += ["--keep", descriptors.map { String($0) }.joined(separator: ",")]
        for folder in ownFolders { arguments += ["--own", folder] }
        if let overlay {
            arguments += ["--lower", overlay.lower, "--upper", overlay.upper, "--work", overlay.work]
            arguments += ["--place", workingDirectory]
        }
        arguments += ["--", tools.bwrap, "--args", String(Self.argumentsDescriptor), "--"]
        return arguments + command
    }
}
