import Vocabulary

/// Where the program lies that a person's shell starts by a name, as far as sandboxes are concerned.
package struct LocatedProgram: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// Below `/usr`, which every sandbox shows.
        case system
        /// Part of what lies in this folder, and nothing else does.
        case toolchain(folder: String)
        /// What is on the search path only chooses another, and which one could not be told.
        case shim(manager: String)
        /// In a folder with other things that are no part of it.
        case mixed(folder: String)
    }

    package var name: String
    package var place: Place
    /// Who chose it among several; nil: nobody.
    package var manager: String?
    /// Another of this name lies where sandboxes look, and is started there instead.
    package var hasSystemTwin: Bool

    package init(name: String, place: Place, manager: String? = nil, hasSystemTwin: Bool = false) {
        self.name = name
        self.place = place
        self.manager = manager
        self.hasSystemTwin = hasSystemTwin
    }

    /// The folder to declare; nil: there is none, or none is needed.
    package var folder: String? {
        if case .toolchain(let folder) = place { folder } else { nil }
    }

    /// Whether one of these declared folders shows it.
    package func isShown(by toolchains: [String]) -> Bool {
        guard let folder else { return place == .system }
        return toolchains.contains { folder == $0 || folder.hasPrefix($0 + "/") }
    }

    /// What keeps a sandbox from starting it, without a full stop.
    package var obstacle: String? {
        let twin = hasSystemTwin ? ", and start the one in /usr instead" : ""
        switch place {
        case .system: return nil
        case .toolchain(let folder):
            let chosen = manager.map { ", chosen by \($0)" } ?? ""
            return "\(name) lies in \(folder)\(chosen), which sandboxes do not show\(twin)"
        case .shim(let manager):
            return "\(name) is a shim of \(manager), which sandboxes do not show\(twin)"
        case .mixed(let folder):
            return "\(name) lies in \(folder) beside other things, so sandboxes do not show it\(twin)"
        }
    }

    /// A path as YAML writes it in a list.
    static func word(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/._-+".utf8.contains(byte)
        }
        return isPlain ? path : JSONText.write(.string(path))
    }

    package var hint: String? {
        switch place {
        case .system: nil
        case .toolchain(let folder): "Add `toolchains: [\(Self.word(folder))]` to your configuration."
        case .shim(let manager):
            "Name the folder of the version that \(manager) starts under `toolchains:` in your configuration."
        case .mixed:
            "Put it into a folder of its own, and name that under `toolchains:` in your configuration."
        }
    }
}
