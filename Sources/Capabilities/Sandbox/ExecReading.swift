import Glibc
import Linux
import Seccomp

/// What an exec that waits would do.
enum ExecReading {
    case found(ExecRequest)
    /// The kernel would refuse it with this errno. It is answered so at once: let on, it could find by then
    /// what was not there when it was looked for.
    case failing(errno: Int32)
    case unreadable(String)

    static func of(_ notice: ExecNotice) -> ExecReading {
        let process = "/proc/\(notice.thread)"
        do throws(SystemError) {
            let given = try notice.path()
            let place: [UInt8]
            if given.isEmpty && notice.isByDescriptor {
                guard let descriptor = notice.directory else { return .failing(errno: EACCES) }
                let link = "\(process)/fd/\(descriptor)"
                let target = try linkTarget(link)
                guard try FileWithin.behind(link).isExecutableFile else { return .failing(errno: EACCES) }
                return .found(try request(notice, path: target))
            } else if given.isEmpty {
                return .failing(errno: ENOENT)
            } else if given.first == UInt8(ascii: "/") {
                place = given
            } else {
                let base = notice.directory.map { "\(process)/fd/\($0)" } ?? "\(process)/cwd"
                place = try linkTarget(base) + [UInt8(ascii: "/")] + given
            }
            if let code = try refusal(place, within: "\(process)/root") { return .failing(errno: code) }
            return .found(try request(notice, path: given))
        } catch {
            switch error.code {
            case ENAMETOOLONG, E2BIG: return .failing(errno: error.code)
            // A pointer to nothing, or a descriptor that is not open: the kernel says the same.
            case EFAULT: return .failing(errno: EFAULT)
            case ENOENT where error.call == "readlink": return .failing(errno: EBADF)
            default: return .unreadable("\(error)")
            }
        }
    }

    private static func request(_ notice: ExecNotice, path: [UInt8]) throws(SystemError) -> ExecRequest {
        let (process, parent) = try family(of: notice.thread)
        return ExecRequest(
            path: text(path), arguments: try notice.arguments().map(text), process: process, parent: parent)
    }

    /// Why the kernel would not execute it; nil when it may. Links that only the process itself can follow,
    /// like `/proc/self/exe`, are left to the kernel.
    private static func refusal(_ path: [UInt8], within root: String) throws(SystemError) -> Int32? {
        let own: [[UInt8]] = [Array("/proc/".utf8), Array("/dev/fd/".utf8)]
        if own.contains(where: path.starts(with:)) { return nil }
        let directory = try Descriptor.open(root, flags: O_RDONLY | O_DIRECTORY)
        defer { directory.close() }
        do throws(SystemError) {
            return try FileWithin.find(path, root: directory).isExecutableFile ? nil : EACCES
        } catch {
            return error.code
        }
    }

    private static let linkBytesMax = 4096

    private static func linkTarget(_ link: String) throws(SystemError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: linkBytesMax)
        let count = readlink(link, &buffer, buffer.count)
        guard count >= 0 else { throw SystemError(call: "readlink", subject: link) }
        return buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    /// The process a thread belongs to, and its parent.
    private static func family(of thread: Int32) throws(SystemError) -> (process: Int32, parent: Int32) {
        let path = "/proc/\(thread)/status"
        let file = try Descriptor.open(path, flags: O_RDONLY)
        defer { file.close() }
        // Every exec waits for this, so only the beginning is read and nothing is made text of it.
        var bytes = [UInt8](repeating: 0, count: statusBytesRead)
        let count = try file.withRawValue("read") { read($0, &bytes, bytes.count) }
        guard count >= 0 else { throw SystemError(call: "read", subject: path) }
        let lines = bytes[..<count]
        return (number(after: "\nTgid:\t", in: lines) ?? thread, number(after: "\nPPid:\t", in: lines) ?? 0)
    }

    /// Both lines come within the first 200 bytes (proc_pid_status(5)); the name before them is escaped.
    private static let statusBytesRead = 1 << 10

    private static func number(after label: StaticString, in bytes: ArraySlice<UInt8>) -> Int32? {
        let wanted = UnsafeBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount)
        var start = bytes.startIndex
        while bytes.endIndex - start > wanted.count {
            if bytes[start...].starts(with: wanted) {
                var number: Int32 = 0
                for digit in bytes[(start + wanted.count)...] {
                    guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { break }
                    number = number &* 10 &+ Int32(digit - UInt8(ascii: "0"))
                }
                return number
            }
            start += 1
        }
        return nil
    }

    /// Text as it is where it is UTF-8; otherwise with every foreign byte written as `\xNN`.
    private static func text(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let digits = Array("0123456789abcdef")
        return bytes.reduce(into: "") { text, byte in
            if byte < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
