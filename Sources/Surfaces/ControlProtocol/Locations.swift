/// Where state, sockets and configuration live, by the XDG base directory specification
/// (https://specifications.freedesktop.org/basedir-spec/latest/); a root server without them uses the
/// system's places.
package struct Locations: Hashable, Sendable {
    /// `$XDG_STATE_HOME/graftwork`, or `/var/lib/graftwork` for root.
    package let state: String
    /// `$XDG_RUNTIME_DIR/graftwork`, `/run/graftwork` for root, else the state folder.
    package let runtime: String
    /// `$XDG_CONFIG_HOME/graftwork`.
    package let configuration: String
    /// The server's control socket.
    package var socket: String { runtime + "/server.sock" }
    /// Held by the one server of this user.
    package var lock: String { state + "/server.lock" }
    package var journal: String { state + "/journal.sqlite" }
    package var serverLog: String { state + "/server.log" }

    package init(environment: [String: String], home: String, isRoot: Bool) {
        func variable(_ name: String) -> String? {
            // The specification: a relative path is invalid and must be ignored.
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        let state = variable("XDG_STATE_HOME").map { $0 + "/graftwork" }
        self.state = state ?? (isRoot ? "/var/lib/graftwork" : home + "/.local/state/graftwork")
        if let runtime = variable("XDG_RUNTIME_DIR").map({ $0 + "/graftwork" }) {
            self.runtime = runtime
        } else if isRoot, state == nil {
            self.runtime = "/run/graftwork"
        } else {
            self.runtime = self.state
        }
        self.configuration = (variable("XDG_CONFIG_HOME") ?? home + "/.config") + "/graftwork"
    }
}
