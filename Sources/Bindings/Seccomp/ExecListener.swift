import CLinux
import Glibc
package import Linux

/// The listening end of a filter that stops every `execve` and `execveat` of a process tree (seccomp(2),
/// `SECCOMP_RET_USER_NOTIF`).
///
/// What is read of a waiting process may be changed by another thread of it before the kernel reads it again:
/// a guard rail and a record, no boundary (seccomp_unotify(2), "Caveats").
package struct ExecListener: Sendable {
    private let listener: Descriptor

    /// Waits, blocking, for the filter's descriptor to come through a socket. nil: the other end went away
    /// without one, because there was nothing to execute.
    package init?(comingThrough socket: Descriptor) throws(SystemError) {
        let number = try socket.withRawValue("recvmsg") { CLinux_receive_descriptor($0) }
        if number == -ECONNRESET { return nil }
        guard number >= 0 else {
            throw SystemError(code: -number, call: "recvmsg", subject: "the exec filter")
        }
        listener = Descriptor(owning: number)
        // A kernel before 6.6 refuses, and is only slower.
        _ = try listener.withRawValue("ioctl") { CLinux_wake_in_place($0) }
    }

    /// Waits, blocking, for the next call; nil when no process is left that could make one.
    package func next() throws(SystemError) -> ExecNotice? {
        try listener.withRawValue("poll") { number throws(SystemError) in
            var raw = CLinux_notice()
            while true {
                let code = CLinux_next_notice(number, &raw)
                // It was killed while it waited.
                if code == -ENOENT { continue }
                if code < 0 { throw SystemError(code: -code, call: "SECCOMP_IOCTL_NOTIF_RECV", subject: "") }
                return code == 0 ? nil : ExecNotice(raw)
            }
        }
    }

    /// Lets the call go on, or has it fail with an errno. A caller that is gone needs no answer.
    package func answer(_ notice: ExecNotice, errno code: Int32 = 0) throws(SystemError) {
        let result = try listener.withRawValue("ioctl") { CLinux_answer_notice($0, notice.id, code) }
        guard result == 0 || result == -ENOENT else {
            throw SystemError(code: -result, call: "SECCOMP_IOCTL_NOTIF_SEND", subject: "")
        }
    }

    /// Whether the caller still waits. Only then was what has been read by its number read of it, and not of
    /// a process that got the number after it.
    package func stands(_ notice: ExecNotice) throws(SystemError) -> Bool {
        try listener.withRawValue("ioctl") { CLinux_notice_stands($0, notice.id) } == 0
    }
}

/// One exec that waits for its answer.
package struct ExecNotice: Sendable {
    let id: UInt64
    /// The calling thread, as this process numbers it.
    package let thread: Int32
    /// The directory that a relative path begins at; nil: the working directory.
    package let directory: Int32?
    /// The directory's descriptor is itself what is executed (`fexecve`).
    package let isByDescriptor: Bool
    private let pathAddress: UInt64
    private let argumentsAddress: UInt64

    init(_ raw: CLinux_notice) {
        id = raw.id
        thread = raw.thread
        let values = raw.arguments
        if raw.call == 0 {
            (directory, isByDescriptor) = (nil, false)
            (pathAddress, argumentsAddress) = (values.0, values.1)
        } else {
            let given = Int32(truncatingIfNeeded: values.0)
            directory = given == AT_FDCWD ? nil : given
            isByDescriptor = values.4 & Self.emptyPath != 0
            (pathAddress, argumentsAddress) = (values.1, values.2)
        }
    }

    /// AT_EMPTY_PATH, which <fcntl.h> shows only to _GNU_SOURCE.
    private static let emptyPath: UInt64 = 0x1000

    /// The path as the caller gave it; at most PATH_MAX bytes, as the kernel takes no more.
    package func path() throws(SystemError) -> [UInt8] {
        var memory = MemoryReader(process: thread)
        return try memory.text(at: pathAddress, bytesMax: Int(PATH_MAX))
    }

    /// All arguments. Throws E2BIG beyond what the kernel takes: 32 pages for one, and 6 MiB together under
    /// any stack limit (execve(2)).
    package func arguments() throws(SystemError) -> [[UInt8]] {
        guard argumentsAddress != 0 else { return [] }
        var memory = MemoryReader(process: thread)
        var arguments: [[UInt8]] = []
        var room = Self.argumentsBytesMax
        while true {
            let slot = argumentsAddress + UInt64(arguments.count * MemoryLayout<UInt64>.size)
            let address = try memory.word(at: slot)
            if address == 0 { return arguments }
            let argument: [UInt8]
            do throws(SystemError) {
                argument = try memory.text(at: address, bytesMax: min(room, Self.argumentBytesMax))
            } catch  where error.code == ENAMETOOLONG {
                throw SystemError(code: E2BIG, call: "execve", subject: "one of its arguments")
            }
            room -= argument.count + MemoryLayout<UInt64>.size + 1
            guard room > 0 else { throw SystemError(code: E2BIG, call: "execve", subject: "its arguments") }
            arguments.append(argument)
        }
    }

    private static let argumentsBytesMax = 6 << 20
    /// MAX_ARG_STRLEN: 32 pages, the NUL among them.
    private static let argumentBytesMax = 32 * Int(sysconf(Int32(_SC_PAGESIZE)))
}

/// Reads another process's memory in pieces, keeping the last one: arguments lie side by side.
private struct MemoryReader {
    let process: Int32
    private var piece: [UInt8] = []
    private var start: UInt64 = 0

    private static let pieceBytes = 16 << 10

    init(process: Int32) { self.process = process }

    mutating func word(at address: UInt64) throws(SystemError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<UInt64(MemoryLayout<UInt64>.size) {
            value |= UInt64(try byte(at: address &+ index)) << (8 * index)
        }
        return value
    }

    mutating func text(at address: UInt64, bytesMax: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var next = address
        while true {
            _ = try byte(at: next)
            let rest = piece[Int(next - start)...]
            if let end = rest.firstIndex(of: 0) {
                bytes += rest[..<end]
                guard bytes.count < bytesMax else { break }
                return bytes
            }
            bytes += rest
            guard bytes.count < bytesMax else { break }
            next += UInt64(rest.count)
        }
        throw SystemError(
            code: ENAMETOOLONG, call: "process_vm_readv", subject: "a text of process \(process)")
    }

    private mutating func byte(at address: UInt64) throws(SystemError) -> UInt8 {
        if address < start || address - start >= UInt64(piece.count) { try load(address) }
        return piece[Int(address - start)]
    }

    private mutating func load(_ address: UInt64) throws(SystemError) {
        var bytes = [UInt8](repeating: 0, count: Self.pieceBytes)
        let count = CLinux_read_memory(process, address, &bytes, bytes.count)
        guard count > 0 else {
            throw SystemError(
                code: count < 0 ? Int32(-count) : EFAULT, call: "process_vm_readv",
                subject: "process \(process)")
        }
        bytes.removeLast(bytes.count - count)
        (piece, start) = (bytes, address)
    }
}
