package import ControlProtocol

/// What every command works with.
package struct CommandContext: Sendable {
    package var console: Console
    package var environment: [String: String]
    /// The folder to work in, absolute: `-C`, or where the command was started.
    package var directory: String
    package var locations: Locations
    package var files: InstalledFiles
    package var client: ServerClient
    /// The login name, which stands beside every answer in the journal.
    package var person: String
    package var asJSON: Bool

    package init(
        console: Console, environment: [String: String], directory: String, locations: Locations,
        files: InstalledFiles,
        client: ServerClient, person: String, asJSON: Bool
    ) {
        self.console = console
        self.environment = environment
        self.directory = directory
        self.locations = locations
        self.files = files
        self.client = client
        self.person = person
        self.asJSON = asJSON
    }

    /// Only a person at a terminal is asked, and never in the middle of JSON.
    var asks: Bool { console.isInteractive && !asJSON }

    /// Tables are cut to a terminal and left whole for files and pipes.
    var tableWidth: Int? { console.screen()?.columns }
}
