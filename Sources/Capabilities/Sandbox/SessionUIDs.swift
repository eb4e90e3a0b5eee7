import Glibc
import Linux

/// The uids of a root server's sessions: each is held by one owner at a time, over crashes and restarts.
///
/// A claim is a file `<state>/uids/<uid>` that names its owner and is made before the uid is used. It stays
/// until it is released, however the claimant ends: a session outlives its server. A uid under which some
/// process still runs, a leftover of something killed, is not given out either, nor one that is an account's,
/// a group's or promised to containers.
package struct SessionUIDs: Hashable, Sendable {
    package let folder: String
    package let range: Range<UInt32>

    /// Which owner holds which uid.
    package struct Claim: Hashable, Sendable {
        package var uid: UInt32
        package var owner: String
        package init(uid: UInt32, owner: String) {
            self.uid = uid
            self.owner = owner
        }
    }

    /// Far above accounts, subordinate uids and containers (systemd's table of uids calls it unused).
    package static let preferredRange: Range<UInt32> = 1_900_000_000..<1_900_001_024
    /// For a server that is itself in a user namespace with the usual 65536 uids; unused by the same table.
    package static let narrowRange: Range<UInt32> = 60_578..<61_184

    package init(stateDirectory: String, range: Range<UInt32> = SessionUIDs.availableRange()) {
        folder = stateDirectory + "/uids"
        self.range = range
    }

    /// The preferred range, unless this user namespace does not have it.
    package static func availableRange() -> Range<UInt32> {
        guard let map = try? Files.readText("/proc/self/uid_map", bytesMax: 64 << 10) else {
            return narrowRange
        }
        let has = map.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ").compactMap { UInt64($0) }
            guard fields.count == 3 else { return false }
            return fields[0] <= UInt64(preferredRange.lowerBound)
                && UInt64(preferredRange.upperBound) <= fields[0] + fields[2]
        }
        return has ? preferredRange : narrowRange
    }

    /// The uid of an owner: the one it holds already, or a free one. Asking twice is harmless.
    package func claim(for owner: String) throws(SandboxError) -> UInt32 {
        try exclusively { () throws(SystemError) in
            let claims = try readClaims()
            if let held = claims.first(where: { $0.owner == owner }) { return held.uid }
            let taken = Set(claims.map(\.uid)).union(try Self.uidsOfProcesses())
            let promised = SystemIdentity.subordinateIDs()
            let free = range.first { id in
                !taken.contains(id) && SystemIdentity.account(of: id) == nil && !SystemIdentity.isGroup(id)
                    && !promised.contains { $0.contains(id) }
            }
            guard let free else { return nil }
            try Files.writeAtomically("\(folder)/\(free)", text: owner)
            return free
        }
    }

    /// Gives a uid back. One that another owner holds by now stays held.
    package func release(_ uid: UInt32, owner: String) throws(SandboxError) {
        _ = try exclusively { () throws(SystemError) in
            if try readClaims().contains(Claim(uid: uid, owner: owner)) {
                try Files.removeFile("\(folder)/\(uid)")
            }
            return uid
        }
    }

    /// All claims, by uid; a server that starts releases those whose owner is gone.
    package func claims() throws(SandboxError) -> [Claim] {
        do throws(SystemError) {
            return try readClaims()
        } catch {
            throw .launchFailed(reason: "the session uids cannot be read: \(error)")
        }
    }

    private static let ownerBytesMax = 1024

    private func readClaims() throws(SystemError) -> [Claim] {
        guard Files.exists(folder) else { return [] }
        var claims: [Claim] = []
        for name in try Files.list(folder) {
            guard let uid = UInt32(name), range.contains(uid) else { continue }
            claims.append(
                Claim(uid: uid, owner: try Files.readText("\(folder)/\(name)", bytesMax: Self.ownerBytesMax)))
        }
        return claims.sorted { $0.uid < $1.uid }
    }

    /// Two servers of one state folder never look and write at the same time. Blocks while others hold the
    /// lock; whoever holds it looks at every process of the machine.
    private func exclusively(_ body: () throws(SystemError) -> UInt32?) throws(SandboxError) -> UInt32 {
        do throws(SystemError) {
            try Files.makeDirectory(folder, mode: 0o700)
            let lock = try FileLock.acquire(path: folder + "/lock", patience: Self.lockPatience)
            defer { lock.close() }
            if let uid = try body() { return uid }
        } catch {
            throw .launchFailed(reason: "no session uid could be claimed: \(error)")
        }
        throw .noFreeUID(limit: range.count)
    }

    /// Who holds it needs milliseconds; on a machine that is busy many may stand in line.
    static let lockPatience: Duration = .seconds(60)

    /// Under which uids processes run right now.
    private static func uidsOfProcesses() throws(SystemError) -> Set<UInt32> {
        var uids: Set<UInt32> = []
        for name in try Files.list("/proc") where name.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            // Not the owner of the folder: a process that may not be dumped seems to be root's. One that is
            // gone by now cannot be read and has no uid.
            guard let status = try? Files.readText("/proc/\(name)/status", bytesMax: 64 << 10),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Uid:") })
            else { continue }
            uids.formUnion(
                line.dropFirst(4).split(whereSeparator: { $0 == "\t" || $0 == " " }).compactMap { UInt32($0) }
            )
        }
        return uids
    }
}
