import Glibc
import Linux
import Vocabulary

/// The built-in harness: an agent on stdin and stdout, spoken to by the Agent Client Protocol.
///
/// Everything it needs comes in the environment; it has no configuration files and no command-line options.
let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case nil: break
case "--version":
    print("graftwork-agent \(AgentSettings.version)")
    exit(0)
case "--help", "-h":
    print(AgentSettings.help)
    exit(0)
default:
    let complaint = Array("graftwork-agent takes no options; see graftwork-agent --help.\n".utf8)
    _ = write(2, complaint, complaint.count)
    exit(ExitCode.usage.rawValue)
}

signal(SIGPIPE, SIG_IGN)
let channel = ClientChannel()
do throws(SystemError) {
    try startThread(named: "client") { channel.readToEnd() }
} catch {
    let complaint = Array("graftwork-agent: \(error)\n".utf8)
    _ = write(2, complaint, complaint.count)
    exit(ExitCode.failed.rawValue)
}
AgentService(channel: channel, settings: AgentSettings(environment: SystemIdentity.environment)).serve()
