import ChildProcess
import Fixtures
import Linux
import Testing

@Suite("Running a program to its end")
struct ChildRunTests {
    private static let environment = ["PATH": "/usr/bin:/bin"]

    private func shell(
        _ script: String, environment: [String: String] = ChildRunTests.environment, input: String? = nil,
        outputBytesMax: Int = 1 << 20, timeout: Duration = .seconds(60), teardown: [TeardownStep] = .standard
    ) async throws -> ChildOutput {
        try await Child.run(
            ChildCommand(["sh", "-c", script], environment: environment), input: input.map { Array($0.utf8) },
            outputBytesMax: outputBytesMax, timeout: timeout, teardown: teardown)
    }

    @Test("collects both outputs and the exit code; a failure is a result")
    func collects() async throws {
        let output = try await shell("echo out; echo err >&2; exit 3")
        #expect(
            output
                == ChildOutput(
                    termination: .exited(3), stdout: Array("out\n".utf8), stderr: Array("err\n".utf8),
                    stdoutWasTruncated: false, stderrWasTruncated: false, timedOut: false))
    }
}
