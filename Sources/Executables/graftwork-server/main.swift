import ControlProtocol
import Glibc
import Linux
import Vocabulary

// The server's program: it links what the command line must not wait for.
//   graftwork-server serve [--ready-fd N]
//   graftwork-server doctor [--json]
//   graftwork-server sandbox OPTION… -- COMMAND…
//   graftwork-server rehearse SCRIPT --socket PATH
signal(SIGPIPE, SIG_IGN)

var arguments = Array(CommandLine.arguments.dropFirst())
let verb = arguments.isEmpty ? "" : arguments.removeFirst()

do {
    let place = try Installation.here()
    switch verb {
    case "serve": try await ServeCommand(place: place, arguments: arguments).run()
    case "doctor":
        exit(try await DoctorCommand(place: place, asJSON: arguments.contains("--json")).run().rawValue)
    case "sandbox": exit(try await SandboxCommand(place: place, arguments: arguments).run())
    case "rehearse": try await RehearseCommand(arguments: arguments).run()
    default:
        throw Problem(
            "graftwork-server has no command “\(VisibleText.oneLine(verb, limit: 40))”.",
            hint: "Use `graftwork serve` or `graftwork doctor`.", blame: .user, exitCode: .usage)
    }
} catch {
    let problem = Problem(explaining: error)
    // As the command line says its own.
    let lines = ["graftwork: \(problem.description)"] + (problem.hint.map { ["  next: \($0)"] } ?? [])
    FileHandleOutput.standardError(lines.joined(separator: "\n") + "\n")
    exit(problem.exitCode.rawValue)
}
