import ChildProcess
import Dispatch
import Linux
import Synchronization
import Vocabulary

/// What came of a tool call, for the model.
struct ToolOutcome: Hashable, Sendable {
    var failed: Bool
    var text: String
}

/// A tool call whose input was understood.
struct ToolAction: Hashable, Sendable {
    enum Work: Hashable, Sendable {
        case read(path: String, offset: Int, limit: Int?)
        case write(path: String, content: String)
        case edit(path: String, old: String, new: String)
        case shell(command: String, seconds: Int64)
        case search(text: String, path: String)
    }
    var work: Work
    /// The protocol's kind: read, edit, execute, search.
    var kind: String
    var title: String
    var paths: [String]
}

/// The tools, at work in one folder.
struct ToolBench: Sendable {
    let folder: String
    let environment: [String: String]
    let channel: ClientChannel

    /// nil: no such tool, or not with this input.
    func action(for call: ModelCall) -> ToolAction? {
        let input = call.input
        let path = input["path"]?.stringValue
        func number(_ name: String) -> Int? { input[name]?.intValue.map { Int(clamping: $0) } }
        switch call.name {
        case "read":
            guard let path else { return nil }
            return action(
                .read(path: path, offset: number("offset") ?? 1, limit: number("limit")), "read",
                "Read \(path)", path)
        case "write":
            guard let path, let content = input["content"]?.stringValue else { return nil }
            return action(.write(path: path, content: content), "edit", "Write \(path)", path)
        case "edit":
            guard let path, let old = input["old_string"]?.stringValue,
                let new = input["new_string"]?.stringValue
            else {
                return nil
            }
            return action(.edit(path: path, old: old, new: new), "edit", "Edit \(path)", path)
        case "shell":
            guard let command = input["command"]?.stringValue else { return nil }
            let seconds = input["timeout_seconds"]?.intValue ?? AgentBounds.commandSecondsUsual
            return action(
                .shell(command: command, seconds: min(AgentBounds.commandSecondsMax, max(1, seconds))),
                "execute",
                "Run \(VisibleText.oneLine(command, limit: 200))", nil)
        case "search":
            guard let text = input["text"]?.stringValue, !text.isEmpty else { return nil }
            return action(
                .search(text: text, path: path ?? "."), "search",
                "Search for \(VisibleText.oneLine(text, limit: 100))",
                path ?? ".")
        default: return nil
        }
    }

    private func action(_ work: ToolAction.Work, _ kind: String, _ title: String, _ path: String?)
        -> ToolAction
    {
        ToolAction(work: work, kind: kind, title: title, paths: path.map { [$0] } ?? [])
    }

    func run(_ action: ToolAction) -> ToolOutcome {
        let files = WorktreeFiles(folder: folder)
        do throws(ToolFailure) {
            let text: String
            switch action.work {
            case .read(let path, let offset, let limit):
                text = try files.read(path, offset: offset, limit: limit)
            case .write(let path, let content): text = try files.write(path, content)
            case .edit(let path, let old, let new): text = try files.edit(path, old: old, new: new)
            case .search(let text_, let path): text = try files.search(text_, in: path)
            case .shell(let command, let seconds): return shell(command, seconds: seconds)
            }
            return ToolOutcome(failed: false, text: Self.bounded(text))
        } catch {
            return ToolOutcome(failed: true, text: error.description)
        }
    }

    /// The beginning and the end, for that is where compilers and tests say what matters.
    static func bounded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > AgentBounds.toolOutputBytes else { return text }
        let half = AgentBounds.toolOutputBytes / 2
        let head = String(decoding: bytes.prefix(half), as: UTF8.self)
        let tail = String(decoding: bytes.suffix(half), as: UTF8.self)
        return "\(head)\n[… \(bytes.count - 2 * half) bytes left out …]\n\(tail)"
    }

    private func shell(_ command: String, seconds: Int64) -> ToolOutcome {
        let program = Files.isExecutable("/bin/bash") ? "/bin/bash" : "/bin/sh"
        let child = ChildCommand(
            [program, "-c", command], environment: environment, workingDirectory: folder)
        let result = finished { () async -> Result<ChildOutput, SpawnError> in
            do throws(SpawnError) {
                return .success(
                    try await Child.run(
                        child, outputBytesMax: 1 << 20, timeout: .seconds(seconds),
                        teardown: [.signal(15, wait: .seconds(1)), .kill]))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case nil: return ToolOutcome(failed: true, text: "It was interrupted.")
        case .failure(let error): return ToolOutcome(failed: true, text: "\(error)")
        case .success(let output):
            var text =
                output.timedOut
                ? "It was ended after \(seconds) seconds." : "The command \(output.termination)."
            if !output.stdout.isEmpty { text += "\n\(output.stdoutText)" }
            if !output.stderr.isEmpty { text += "\n[stderr]\n\(output.stderrText)" }
            if output.stdoutWasTruncated || output.stderrWasTruncated {
                text += "\n[… more output was thrown away …]"
            }
            return ToolOutcome(failed: !output.isSuccess, text: Self.bounded(text))
        }
    }

    /// Waits for the work on this thread, which is no thread of Swift's pool; nil when the turn was cancelled
    /// and the work ended for it.
    private func finished<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value? {
        let answer = Answer<Value>()
        let task = Task {
            answer.value.withLock { [value = await work()] in $0 = value }
            answer.isThere.signal()
        }
        while answer.isThere.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            if channel.isCancelled {
                task.cancel()
                answer.isThere.wait()
                return nil
            }
        }
        return answer.value.withLock { $0 }
    }

    private final class Answer<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }
}
