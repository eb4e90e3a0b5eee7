package import Dispatch

/// Runs the jobs of one actor one after another, on threads of its own.
///
/// For actors that own a handle whose calls block (a database, a repository): a blocked call then holds up
/// that actor and nobody else.
package final class DedicatedExecutor: SerialExecutor {
    package let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}
