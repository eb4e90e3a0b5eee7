internal import Agents
package import Lifecycle
internal import Linux
package import Sandbox
package import Telemetry
internal import Vocabulary

/// What a server that was killed left behind: folders and uids that no session, check or worktree needs.
///
/// Swept once, when a server begins: the journal says what is still needed, and nobody else is at work on the
/// state folder then but sessions, which are in the journal before they begin.
package struct Leftovers: Sendable {
    private let places: SessionPlaces
    private let log: Log

    package init(places: SessionPlaces, log: Log) {
        self.places = places
        self.log = log
    }

    /// What may belong to a run that is not among these, for its facts could not be read, is left alone.
    package func sweep(_ runs: [RunLifecycle]) async {
        var needs = Needs(runs)
        do {
            // Killed first: whoever still writes into a folder that is about to go, or holds its uid.
            let groups = try await runBlocking { () throws(SystemError) in try SandboxLauncher.sweepGroups() }
            if groups > 0 { log.notice("Sandboxes without a runner were ended.", ["count": "\(groups)"]) }
            let names = try places.names()
            let processes = try await places.endProcesses(in: names.filter { needs.folder($0) != .kept })
            if processes > 0 { log.notice("Leftover processes were ended.", ["count": "\(processes)"]) }
            for name in names {
                switch needs.folder(name) {
                case .kept: break
                case .tidied: try await places.tidyFolder(name)
                case .removed:
                    // A trial's runner outlives the server that was killed in the middle of it.
                    let trial = RunnerHandle(session: SessionID(name), directory: places.path(of: name))
                    if try await trial.isAtWork() {
                        needs.keep(name)
                        // Not waited for: one that stands still answers nobody.
                        Task { await trial.stop() }
                    } else {
                        try await places.removeFolder(name)
                    }
                }
            }
            try LayerProbe.sweep(places.state)
            for claim in try places.claims() where !needs.holds(claim.owner) {
                try await places.release(claim.uid, owner: claim.owner)
            }
            for owner in try places.portOwners() where !needs.holds(owner) {
                try await places.release(nil, owner: owner)
            }
        } catch {
            // Nothing depends on it: the next server tries again.
            log.error("Leftovers could not be swept.", ["why": Problem(error).description])
        }
    }

    private enum Fate { case kept, tidied, removed }

    private struct Needs {
        private var atWork: Set<String> = []
        private var ended: Set<String> = []
        private var tasks: Set<String> = []
        private var withRunner: Set<String> = []
        private let runs: Set<String>

        init(_ lifecycles: [RunLifecycle]) {
            runs = Set(lifecycles.map(\.request.run.rawValue))
            for run in lifecycles {
                for session in run.sessions {
                    if session.outcome == nil {
                        atWork.insert(session.record.id.rawValue)
                    } else {
                        ended.insert(session.record.id.rawValue)
                    }
                }
                for task in run.tasks where Self.needsUID(task) {
                    tasks.insert("\(run.request.run)/\(task.task.id)")
                }
            }
        }

        /// Its files lie there, or will. Who owns files keeps its uid, or another could read them.
        private static func needsUID(_ task: TaskLifecycle) -> Bool {
            if let worktree = task.worktree { return Files.exists(worktree.path) || !task.worktreeIsReleased }
            switch task.state {
            case .landed, .failed, .abandoned: return false
            case .planned, .preparing, .authoring, .checking, .reviewing, .settling, .awaitingApproval,
                .queued, .testing, .landing, .held:
                return true
            }
        }

        /// Somebody is at work there: what is left of it goes with the next server.
        mutating func keep(_ name: String) { withRunner.insert(name) }

        func folder(_ name: String) -> Fate {
            if atWork.contains(name) { return .kept }
            if ended.contains(name) { return .tidied }
            if Self.isCheck(name) { return .removed }
            if let isAlive = Self.isAtWork(commandOf: name) { return isAlive ? .kept : .removed }
            // `RUN-…`: made for a session that was never written down, and so never begun.
            if let run = name.split(separator: "-").first, runs.contains(String(run)) { return .removed }
            return .kept
        }

        func holds(_ owner: String) -> Bool {
            if atWork.contains(owner) || tasks.contains(owner) || withRunner.contains(owner) { return true }
            if Self.isCheck(owner) { return false }
            if let isAlive = Self.isAtWork(commandOf: owner) { return isAlive }
            guard let run = owner.split(whereSeparator: { $0 == "/" || $0 == "-" }).first else { return true }
            return !runs.contains(String(run))
        }

        /// Whether the command lives that took this name, like `self-test-PID`; nil: it is no command's name.
        private static func isAtWork(commandOf name: String) -> Bool? {
            for prefix in ["self-test-", "sandbox-", "layers-", "proof-"] where name.hasPrefix(prefix) {
                return Files.exists("/proc/\(name.dropFirst(prefix.count))")
            }
            return nil
        }

        /// The name a check's folder and uid go by; names of sessions hold a hyphen.
        private static func isCheck(_ name: String) -> Bool {
            name.hasPrefix("c") && name.utf8.count == 13 && name.dropFirst().allSatisfy(\.isHexDigit)
        }
    }
}
