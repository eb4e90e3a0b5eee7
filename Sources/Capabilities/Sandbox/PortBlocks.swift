import Glibc
import Linux

/// Blocks of ports of this host, each held by one owner at a time, over crashes and restarts.
///
/// A claim is a file `<state>/ports/<first>` that names its size and its owner. Inside a sandbox every port
/// is free, for it has a network of its own; the block is for what a person starts from the worktree, beside
/// what runs on the host already.
package struct PortBlocks: Hashable, Sendable {
    package let folder: String
    package let range: Range<Int>

    struct Claim: Hashable {
        var first: Int
        var count: Int
        var owner: String
        var ports: Range<Int> { first..<(first + count) }
    }

    /// Below the ports that Linux gives to outgoing connections (32768 and up), above well-known services.
    package static let preferredRange = 21_000..<29_000

    package init(stateDirectory: String, range: Range<Int> = PortBlocks.preferredRange) {
        folder = stateDirectory + "/ports"
        self.range = range
    }

    /// The first port of the owner's block: the one it holds already, or one whose ports are free. Asking
    /// twice is harmless.
    package func claim(_ count: Int, for owner: String) throws(SandboxError) -> Int {
        let found = try exclusively { () throws(SystemError) -> Int? in
            let claims = try read()
            if let held = claims.first(where: { $0.owner == owner && $0.count == count }) {
                return held.first
            }
            guard let first = firstFree(count, beside: claims) else { return nil }
            for stale in claims where stale.owner == owner {
                try Files.removeFile("\(folder)/\(stale.first)")
            }
            try Files.writeAtomically("\(folder)/\(first)", text: "\(count) \(owner)")
            return first
        }
        guard let found else { throw .noFreePorts(count: count) }
        return found
    }

    private func firstFree(_ count: Int, beside claims: [Claim]) -> Int? {
        var first = range.lowerBound
        while first + count <= range.upperBound {
            let block = first..<(first + count)
            if let taken = claims.first(where: { $0.ports.overlaps(block) }) {
                first = taken.ports.upperBound
            } else if let busy = block.last(where: { !LocalPorts.isFree(UInt16($0)) }) {
                first = busy + 1
            } else {
                return first
            }
        }
        return nil
    }

    /// Gives back whatever the owner holds; nothing to give back is no error.
    package func release(owner: String) throws(SandboxError) {
        guard Files.exists(folder) else { return }
        try exclusively { () throws(SystemError) in
            for claim in try read() where claim.owner == owner {
                try Files.removeFile("\(folder)/\(claim.first)")
            }
        }
    }

    /// Everyone who holds a block, in the order of the blocks.
    package func owners() throws(SandboxError) -> [String] {
        do throws(SystemError) {
            return try read().map(\.owner)
        } catch {
            throw .launchFailed(reason: "the blocks of ports cannot be read: \(error)")
        }
    }

    private static let claimBytesMax = 1024

    private func read() throws(SystemError) -> [Claim] {
        guard Files.exists(folder) else { return [] }
        var claims: [Claim] = []
        for name in try Files.list(folder) {
            guard let first = Int(name) else { continue }
            let text = try Files.readText("\(folder)/\(name)", bytesMax: Self.claimBytesMax)
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, let count = Int(parts[0]), (1...1000).contains(count) else { continue }
            claims.append(Claim(first: first, count: count, owner: parts[1]))
        }
        return claims.sorted { $0.first < $1.first }
    }

    /// The lock is held for the time of a few binds.
    private func exclusively<Value>(_ body: () throws(SystemError) -> Value) throws(SandboxError) -> Value {
        do throws(SystemError) {
            try Files.makeDirectory(folder, mode: 0o700)
            let lock = try FileLock.acquire(path: folder + "/lock", patience: SessionUIDs.lockPatience)
            defer { lock.close() }
            return try body()
        } catch {
            throw .launchFailed(reason: "no ports could be claimed: \(error)")
        }
    }
}
