import CLinux
import Glibc

/// The processes below one, as the kernel has them just now.
///
/// Whoever runs there may be hostile: a process may have any name, leave its group and its session, leave its
/// children to another, end its first thread and go on with the others, and end at any moment, whereupon its
/// number is given to a stranger. So a member is known by its number *and* its start, and is reached through
/// a descriptor of exactly that process.
package enum ProcessTree {
    /// More are not looked at in one walk; a session may have far fewer.
    package static let membersMax = 16_384
    private static let statBytesMax = 4 << 10
    private static let childrenBytesMax = 1 << 20

    package struct Member: Hashable, Sendable {
        package let pid: Int32
        /// When it began, in clock ticks since the machine did: with the number it is one process for ever.
        package let start: UInt64
        package init(pid: Int32, start: UInt64) {
            self.pid = pid
            self.start = start
        }
    }

    /// Every process below this one, parents first, without itself.
    ///
    /// Those that end meanwhile are left out, and so may be one whose brother ends meanwhile
    /// (proc_pid_task(5) on `children`): a walk is complete when nothing below is running.
    package static func descendants(of root: Int32) throws(SystemError) -> [Member] {
        var members: [Member] = []
        var known: Set<Int32> = [root]
        var parents: [Int32] = [root]
        while let parent = parents.popLast() {
            for child in try children(of: parent) where !known.contains(child) {
                // A number that was given to a stranger meanwhile is below somebody else.
                guard let stat = try Stat.read(process: child), known.contains(stat.parent) else { continue }
                guard members.count < membersMax else {
                    throw SystemError(code: E2BIG, call: "walk", subject: "the processes below \(root)")
                }
                known.insert(child)
                members.append(Member(pid: child, start: stat.start))
                parents.append(child)
            }
        }
        return members
    }

    /// Every process this one can see.
    package static func all() throws(SystemError) -> [Member] {
        var members: [Member] = []
        for pid in try Files.list("/proc").compactMap({ Int32($0) }) {
            guard let stat = try Stat.read(process: pid) else { continue }
            members.append(Member(pid: pid, start: stat.start))
        }
        return members
    }

    /// Sends a signal to this process and to no other. False when it is gone.
    package static func signal(_ number: Int32, to member: Member) throws(SystemError) -> Bool {
        let code = CLinux_pidfd_open(member.pid)
        if code == -ESRCH || code == -EINVAL { return false }
        let process = Descriptor(owning: try checked("pidfd_open", "\(member.pid)", code))
        defer { process.close() }
        // Looked at after it was opened: the descriptor stands for what the number means now.
        guard try Stat.read(process: member.pid)?.start == member.start else { return false }
        let sent = try process.withRawValue("pidfd_send_signal") { CLinux_pidfd_send_signal($0, number) }
        if sent == -ESRCH { return false }
        try checked("pidfd_send_signal", "\(member.pid)", sent)
        return true
    }

    /// What each thread of a process does, as the letters of proc_pid_stat(5); empty when it is gone.
    static func threadStates(of member: Member) throws(SystemError) -> [UInt8] {
        guard try Stat.read(process: member.pid)?.start == member.start else { return [] }
        var states: [UInt8] = []
        for thread in try threads(of: member.pid) {
            if let stat = try Stat.read("/proc/\(member.pid)/task/\(thread)/stat") {
                states.append(stat.state)
            }
        }
        return states
    }

    /// The children of a process, the eldest of each thread first. A child hangs on the thread that made it.
    package static func children(of parent: Int32) throws(SystemError) -> [Int32] {
        var children: [Int32] = []
        for thread in try threads(of: parent) {
            let path = "/proc/\(parent)/task/\(thread)/children"
            guard
                let text = try unlessGone({ () throws(SystemError) in
                    try Files.readText(path, bytesMax: childrenBytesMax)
                })
            else { continue }
            children += text.split(separator: " ").compactMap { Int32($0) }
        }
        return children
    }

    private static func threads(of process: Int32) throws(SystemError) -> [Int32] {
        let names = try unlessGone { () throws(SystemError) in try Files.list("/proc/\(process)/task") }
        return (names ?? []).compactMap { Int32($0) }
    }

    /// nil when the process ended before or while it was looked at.
    private static func unlessGone<Value>(
        _ body: () throws(SystemError) -> Value
    ) throws(SystemError) -> Value? {
        do throws(SystemError) {
            return try body()
        } catch {
            if error.code == ENOENT || error.code == ESRCH { return nil }
            throw error
        }
    }

    /// The fields of proc_pid_stat(5) that matter here.
    struct Stat: Hashable {
        let state: UInt8
        let parent: Int32
        let start: UInt64

        static func read(process: Int32) throws(SystemError) -> Stat? { try read("/proc/\(process)/stat") }

        static func read(_ path: String) throws(SystemError) -> Stat? {
            let bytes = try unlessGone { () throws(SystemError) in
                try Files.read(path, bytesMax: statBytesMax)
            }
            return bytes.flatMap { Stat($0) }
        }

        /// The name in parentheses is the process's own choice and may hold parentheses, blanks and line
        /// ends; after the last one nothing is.
        init?(_ bytes: [UInt8]) {
            guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
            let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
            guard fields.count > 19, let state = fields[0].first,
                let parent = Int32(String(decoding: fields[1], as: UTF8.self)),
                let start = UInt64(String(decoding: fields[19], as: UTF8.self))
            else { return nil }
            self.state = state
            self.parent = parent
            self.start = start
        }
    }
}
