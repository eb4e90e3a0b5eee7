// The runner: one session in its own process. Started by the server, never by a person.
import Agents
import Glibc

exit(await Runner.main().rawValue)
