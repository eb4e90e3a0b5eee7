import CLinux
import Glibc
import Linux

/// Starts programs.
package enum Child {
    /// Starts a program and returns once it runs; the caller waits for it or tears it down.
    ///
    /// Blocks for the one or two milliseconds of a spawn. All signals are at their default in the child and
    /// none is blocked; every descriptor that is not passed is closed.
    package static func spawn(
        _ command: ChildCommand, stdin: StandardDescriptor = .null, stdout: StandardDescriptor = .null,
        stderr: StandardDescriptor = .null
    ) throws(SpawnError) -> RunningChild {
        let program = try locate(command)
        let ends: [StandardEnds]
        do throws(SystemError) {
            ends = [
                try StandardEnds(stdin, number: 0), try StandardEnds(stdout, number: 1),
                try StandardEnds(stderr, number: 2),
            ]
        } catch {
            throw SpawnError(path: program, code: error.code)
        }
        let passed =
            ends.enumerated().map { ChildCommand.PassedDescriptor($1.childs, as: Int32($0)) }
            + command.passedDescriptors
        let started = SpawnThread.shared.run { start(program, command, passed) }
        switch started {
        case .failure(let error): throw error
        case .success(let (pid, pidfd)):
            return RunningChild(
                pid: pid, pidfd: pidfd, stdin: ends[0].ours, stdout: ends[1].ours, stderr: ends[2].ours,
                leadsGroup: command.grouping != .callersGroup, endsGroup: command.endsGroupWithChild)
        }
    }

    /// The path of a program: itself when it has a slash, else the first match in the `PATH` of the
    /// environment. Relative folders in `PATH` are passed over: they would mean whatever the working
    /// directory holds.
    package static func search(_ name: String, path: String) -> String? {
        if name.contains("/") { return name }
        guard !name.isEmpty else { return nil }
        return path.split(separator: ":").lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
            .first { Files.isExecutable($0) }
    }

    private static func locate(_ command: ChildCommand) throws(SpawnError) -> String {
        guard let name = command.argv.first, !name.isEmpty else { throw SpawnError(path: "", code: ENOENT) }
        // C strings end at a zero byte: what follows it would silently be lost.
        let texts =
            command.argv + command.environment.flatMap { [$0.key, $0.value] } + [
                command.workingDirectory ?? ""
            ]
        guard !texts.contains(where: { $0.utf8.contains(0) }),
            !command.environment.keys.contains(where: { $0.isEmpty || $0.utf8.contains(0x3D) })
        else { throw SpawnError(path: name, code: EINVAL) }
        if let directory = command.workingDirectory, !Files.isDirectory(directory) {
            throw SpawnError(path: directory, code: Files.exists(directory) ? ENOTDIR : ENOENT)
        }
        guard let program = search(name, path: command.environment["PATH"] ?? "") else {
            throw SpawnError(path: name, code: ENOENT)
        }
        return program
    }

    private static func start(
        _ program: String, _ command: ChildCommand, _ passed: [ChildCommand.PassedDescriptor]
    ) -> Result<(Int32, Descriptor), SpawnError> {
        let argv = CStrings(command.argv)
        // Sorted, so that two starts with the same environment are the same start.
        let environment = CStrings(
            command.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        let group: Int32 =
            switch command.grouping {
            case .ownGroup: 0
            case .ownSession: 1
            case .callersGroup: 2
            }
        var pid: Int32 = 0
        var code = withExtendedLifetime(passed) {
            CLinux_spawn(
                &pid, program, argv.pointers, environment.pointers, command.workingDirectory,
                passed.map(\.descriptor.rawValue), passed.map(\.number), Int32(passed.count), group)
        }
        if code < 0 { return .failure(SpawnError(path: program, code: -code)) }
        // Nobody but RunningChild reaps, so the number still means this child.
        code = CLinux_pidfd_open(pid)
        if code >= 0 {
            let pidfd = Descriptor(owning: code)
            code = limitMemory(of: pid, to: command.memoryBytesMax)
            if code == 0 { return .success((pid, pidfd)) }
        }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        return .failure(SpawnError(path: program, code: -code))
    }

    /// The program has begun by then, and what it can have taken in that time is nothing beside a limit.
    private static func limitMemory(of pid: Int32, to bytesMax: UInt?) -> Int32 {
        guard let bytesMax else { return 0 }
        let code = CLinux_limit_data(pid, bytesMax)
        // It has ended already.
        return code == -ESRCH ? 0 : code
    }
}

/// The two ends of a standard descriptor.
private struct StandardEnds {
    let childs: Descriptor
    var ours: Descriptor?

    init(_ kind: StandardDescriptor, number: Int32) throws(SystemError) {
        switch kind {
        case .null:
            childs = try Descriptor.open("/dev/null", flags: number == 0 ? O_RDONLY : O_WRONLY)
        case .pipe:
            let (reading, writing) = try Descriptor.pipe()
            (childs, ours) = number == 0 ? (reading, writing) : (writing, reading)
        case .descriptor(let descriptor):
            childs = try descriptor.duplicated()
        case .inherited:
            let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { throw SystemError(call: "dup", subject: "descriptor \(number)") }
            childs = Descriptor(owning: copy)
        }
    }
}

/// An array of C strings that ends with NULL, freed with its owner.
private final class CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]
    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }
    deinit { for pointer in pointers { free(pointer) } }
}
