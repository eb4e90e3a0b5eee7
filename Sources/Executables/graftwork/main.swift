import Glibc
import Linux
import Terminal
import Vocabulary

let environment = SystemIdentity.environment
let console = Console.ofThisProcess(environment: environment)
let code = await TerminalProgram.run(
    arguments: Array(CommandLine.arguments.dropFirst()), environment: environment, console: console)
exit(code.rawValue)
