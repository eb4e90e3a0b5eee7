import Glibc
import Linux

/// What a program said and how it ended.
package struct ChildOutput: Hashable, Sendable {
    package let termination: Termination
    package let stdout: [UInt8]
    package let stderr: [UInt8]
    package let stdoutWasTruncated: Bool
    package let stderrWasTruncated: Bool
    /// Whether it was ended because its time was up.
    package let timedOut: Bool

    package init(
        termination: Termination, stdout: [UInt8], stderr: [UInt8], stdoutWasTruncated: Bool = false,
        stderrWasTruncated: Bool = false, timedOut: Bool = false
    ) {
        self.termination = termination
        self.stdout = stdout
        self.stderr = stderr
        self.stdoutWasTruncated = stdoutWasTruncated
        self.stderrWasTruncated = stderrWasTruncated
        self.timedOut = timedOut
    }

    package var stdoutText: String { String(decoding: stdout, as: UTF8.self) }
    package var stderrText: String { String(decoding: stderr, as: UTF8.self) }
    package var isSuccess: Bool { termination.isSuccess && !timedOut }
}

extension Child {
    /// Runs a program to its end and collects what it says.
    ///
    /// A non-zero exit, a signal and a time-out are results, not errors. Output beyond `outputBytesMax` (of
    /// each of the two) is read and thrown away, so that the program is not held up. When the task is
    /// cancelled the child is torn down and `ECANCELED` is thrown.
    package static func run(
        _ command: ChildCommand, input: [UInt8]? = nil, outputBytesMax: Int = 1 << 20, timeout: Duration,
        teardown: [TeardownStep] = .standard
    ) async throws(SpawnError) -> ChildOutput {
        if Task.isCancelled { throw SpawnError(path: command.argv.first ?? "", code: ECANCELED) }
        let child = try spawn(command, stdin: input == nil ? .null : .pipe, stdout: .pipe, stderr: .pipe)
        guard
            let output = await child.collect(
                input: input, outputBytesMax: outputBytesMax, timeout: timeout, teardown: teardown)
        else { throw SpawnError(path: command.argv.first ?? "", code: ECANCELED) }
        return output
    }
}

extension RunningChild {
    /// How long output may still come after the child and its group have ended: only a process that left the
    /// group can hold a pipe open then.
    private static let straggleLimit = Duration.seconds(1)

    /// The same for a child that was started with pipes; nil when the task was cancelled, and the child ended
    /// for it.
    package func collect(
        input: [UInt8]? = nil, outputBytesMax: Int = 1 << 20, timeout: Duration,
        teardown: [TeardownStep] = .standard
    ) async -> ChildOutput? {
        let child = self
        let feeding = Task { await Self.feed(input ?? [], to: child.stdin) }
        let reading = [child.stdout, child.stderr].map { pipe in
            Task { await Self.collect(pipe, bytesMax: outputBytesMax) }
        }

        let (termination, timedOut) = await withTaskCancellationHandler {
            if let termination = await child.wait(upTo: timeout) { return (termination, false) }
            return (await child.tearDown(teardown), true)
        } onCancel: {
            Task { await child.tearDown(teardown) }
        }

        child.stdin?.close()
        await feeding.value
        let closing = Task {
            try await Task.sleep(for: Self.straggleLimit)
            child.stdout?.close()
            child.stderr?.close()
        }
        let stdout = await reading[0].value
        let stderr = await reading[1].value
        closing.cancel()
        if Task.isCancelled { return nil }
        return ChildOutput(
            termination: termination, stdout: stdout.bytes, stderr: stderr.bytes,
            stdoutWasTruncated: stdout.wasTruncated, stderrWasTruncated: stderr.wasTruncated,
            timedOut: timedOut)
    }

    /// A program need not read its input: that it went away first is its own affair.
    private static func feed(_ bytes: [UInt8], to pipe: Descriptor?) async {
        guard let pipe else { return }
        do throws(SystemError) {
            try await pipe.write(bytes)
        } catch {}  // EPIPE or closed: see above.
        pipe.close()
    }

    private static func collect(_ pipe: Descriptor?, bytesMax: Int) async -> (
        bytes: [UInt8], wasTruncated: Bool
    ) {
        var bytes: [UInt8] = []
        var wasTruncated = false
        guard let pipe else { return (bytes, wasTruncated) }
        while true {
            do throws(SystemError) {
                let chunk = try await pipe.read(upTo: 64 << 10)
                if chunk.isEmpty { break }
                let room = bytesMax - bytes.count
                bytes += chunk.prefix(max(0, room))
                if chunk.count > room { wasTruncated = true }
            } catch {
                // Closed because a straggler held it: what it would still have said is not the child's
                // output.
                break
            }
        }
        pipe.close()
        return (bytes, wasTruncated)
    }
}
