import Glibc
package import Linux

/// Folders for sessions and checks below the server's state folder, and the uids that own them.
///
/// A root server gives every session a uid of its own; its folders are closed to all others. An unprivileged
/// server has one uid, and everything rests on the mounts.
///
/// Whoever claims and gives back may wait for others, and a tree may be large: no thread that is everybody's
/// is held meanwhile.
package struct SessionPlaces: Sendable {
    package let state: String
    private let uids: SessionUIDs?
    private let ports: PortBlocks

    package init(state: String) {
        self.state = state
        ports = PortBlocks(stateDirectory: state)
        uids = SystemIdentity.isRoot ? SessionUIDs(stateDirectory: state) : nil
    }

    /// The uid of this owner, the same whenever it is asked for; nil for an unprivileged server.
    package func claim(for owner: String) async throws(SandboxError) -> UInt32? {
        guard let uids else { return nil }
        return try await runBlocking { () throws(SandboxError) in try uids.claim(for: owner) }
    }

    /// The first of a block of ports for this owner, the same whenever it is asked for; nil where none are
    /// wanted.
    package func claimPorts(_ count: Int, for owner: String) async throws(SandboxError) -> Int? {
        guard count > 0 else { return nil }
        return try await runBlocking { [ports] () throws(SandboxError) in try ports.claim(count, for: owner) }
    }

    /// Gives back what an owner held: its uid, and its ports if it has any.
    package func release(_ uid: UInt32?, owner: String) async throws(SandboxError) {
        try await runBlocking { [ports, uids] () throws(SandboxError) in
            try ports.release(owner: owner)
            if let uids, let uid { try uids.release(uid, owner: owner) }
        }
    }

    /// Who holds a block of ports.
    package func portOwners() throws(SandboxError) -> [String] { try ports.owners() }

    /// The folder of a session or check, `<state>/s/<name>`: 0700, owned by the uid. Making it twice is
    /// harmless.
    package func makeFolder(_ name: String, uid: UInt32?) throws(SystemError) -> String {
        let folder = path(of: name)
        // 0711 above: a session's uid passes through to its own folder and can list nothing on the way.
        try Files.makeDirectory(state + "/s", mode: 0o711)
        if SystemIdentity.isRoot {
            try Files.changeMode(state, 0o711)
            try Files.changeMode(state + "/s", 0o711)
        }
        try Files.makeDirectory(folder, mode: 0o700)
        if let uid { try Files.changeOwner(tree: folder, uid: uid, gid: uid) }
        return folder
    }

    package func path(of name: String) -> String { state + "/s/" + name }

    /// Removes a folder and all in it; one that is gone already is no error.
    package func removeFolder(_ name: String) async throws(SystemError) {
        let folder = path(of: name)
        try await runBlocking { () throws(SystemError) in
            if Files.exists(folder) { try Files.removeTree(folder) }
        }
    }

    /// Removes the folders in a session's folder, its home and its tree; its files, what it said among them,
    /// stay.
    package func tidyFolder(_ name: String) async throws(SystemError) {
        let folder = path(of: name)
        try await runBlocking { () throws(SystemError) in
            guard Files.isDirectory(folder) else { return }
            for entry in try Files.list(folder) where Files.isDirectory("\(folder)/\(entry)") {
                try Files.removeTree("\(folder)/\(entry)")
            }
            // What stays must not be the next holder's of that uid.
            if SystemIdentity.isRoot { try Files.changeOwner(tree: folder, uid: 0, gid: 0) }
        }
    }

    /// Kills what runs in sandboxes that are shown the homes in these folders, and waits a while for its
    /// end; answers how many processes there were.
    ///
    /// Known by the home and not by the uid, which a server of another state may have given to a session.
    package func endProcesses(in names: [String]) async throws(SystemError) -> Int {
        try await runBlocking { () throws(SystemError) in try endProcessesNow(in: names) }
    }

    private func endProcessesNow(in names: [String]) throws(SystemError) -> Int {
        struct Home: Hashable { let device, inode: UInt64 }
        func home(at path: String) -> Home? {
            // Not a cause lost: what cannot be looked at is not shown, or is gone.
            (try? Files.status(of: path)).map { Home(device: UInt64($0.st_dev), inode: UInt64($0.st_ino)) }
        }
        let homes = Set(names.compactMap { home(at: path(of: $0) + "/home") })
        guard !homes.isEmpty else { return 0 }
        var ended: Set<ProcessTree.Member> = []
        for _ in 0..<Self.looksMax {
            let inside = try ProcessTree.all().filter { process in
                home(at: "/proc/\(process.pid)/root\(SandboxPlan.homeInside)").map(homes.contains) ?? false
            }
            if inside.isEmpty { break }
            for process in inside { _ = try ProcessTree.signal(SIGKILL, to: process) }
            ended.formUnion(inside)
            usleep(Self.pauseMicroseconds)
        }
        return ended.count
    }

    private static let looksMax = 500
    private static let pauseMicroseconds: UInt32 = 2000

    /// The folders there are, sorted.
    package func names() throws(SystemError) -> [String] {
        Files.exists(state + "/s") ? try Files.list(state + "/s").sorted() : []
    }

    /// Who holds which uid; nobody does of an unprivileged server.
    package func claims() throws(SandboxError) -> [SessionUIDs.Claim] {
        if let uids { try uids.claims() } else { [] }
    }
}
