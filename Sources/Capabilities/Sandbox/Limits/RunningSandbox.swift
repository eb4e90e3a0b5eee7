package import ChildProcess
package import Linux
import Synchronization
package import Vocabulary

/// A sandbox that was started, with what limits it. Its groups are taken away when it has ended, whether or
/// not anyone waits.
package final class RunningSandbox: Sendable {
    /// The launcher outside; when it has ended, nothing that ran inside is left.
    package let child: RunningChild
    package let means: LimitMeans
    let group: ControlGroup?
    private let watch: ResourceWatch
    private let counted = Mutex(0)
    private let ending: Mutex<Task<Termination, Never>?>

    init(_ child: RunningChild, group: ControlGroup?, plan: SandboxPlan) {
        self.child = child
        self.group = group
        means = group.map { $0.version == .two ? .cgroup2 : .cgroup1 } ?? .watchdog
        watch = ResourceWatch(
            child, limits: plan.limits, folders: plan.writtenFolders, countsMemory: group == nil)
        ending = Mutex(nil)
        let follow = Task { await self.follow() }
        ending.withLock { $0 = follow }
    }

    package var stdin: Descriptor? { child.stdin }
    package var stdout: Descriptor? { child.stdout }
    package var stderr: Descriptor? { child.stderr }

    /// What it was ended for; nil: for nothing of this.
    package var excess: ResourceExcess? { watch.excess }

    /// How many of its processes the kernel has ended for want of memory; known once it has ended.
    package var memoryKills: Int { counted.withLock { $0 } }

    /// Returns when it has ended and its groups are gone.
    package func wait() async -> Termination {
        guard let task = ending.withLock({ $0 }) else { return await child.wait() }
        return await task.value
    }

    private func follow() async -> Termination {
        let looking = Task { await watch.run() }
        let termination = await child.wait()
        looking.cancel()
        await looking.value
        if let group {
            counted.withLock { $0 = group.memoryKills() }
            await Self.remove(group)
        }
        return termination
    }

    private static let removalPatience: Duration = .seconds(2)
    private static let removalPause: Duration = .milliseconds(5)

    /// A process that was reaped may be counted for a moment longer. What cannot be removed now is taken by
    /// the sweep of the next server.
    private static func remove(_ group: ControlGroup) async {
        let end = ContinuousClock.now.advanced(by: removalPatience)
        repeat {
            let isGone = await runBlocking {
                do throws(SystemError) {
                    if try group.remove() { return true }
                    // A launcher that was killed itself may leave somebody behind.
                    try group.kill()
                    return try group.remove()
                } catch {
                    return true  // See above.
                }
            }
            if isGone { return }
            // Not a cause lost: nobody cancels this task.
            try? await ContinuousClock().sleep(for: removalPause)
        } while ContinuousClock.now < end
    }
}

/// What a command in a sandbox said, how it ended, and whether that was for using too much.
package struct SandboxOutput: Hashable, Sendable {
    package var output: ChildOutput
    package var excess: ResourceExcess?
    /// How many of its processes the kernel has ended for want of memory.
    package var memoryKills: Int

    package var termination: Termination { output.termination }
    package var timedOut: Bool { output.timedOut }
    package var stdout: [UInt8] { output.stdout }
    package var stderr: [UInt8] { output.stderr }
    package var stdoutWasTruncated: Bool { output.stdoutWasTruncated }
    package var stderrWasTruncated: Bool { output.stderrWasTruncated }
    package var stdoutText: String { output.stdoutText }
    package var stderrText: String { output.stderrText }
    package var isSuccess: Bool { output.isSuccess && excess == nil }
}
