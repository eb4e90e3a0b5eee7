import FoundationEssentials
import Glibc
import Hashing
import Linux
import Vocabulary
import Workflows
import Worktrees

/// Keeps one ``CopySet`` per run, so that everything in a run is done with the same bytes, and a person's yes
/// is to exactly those.
///
/// The files lie in the server's own folder. What looks like a secret is replaced or left out before it is
/// there; what was asked for raw lies there as it is, readable to the server alone.
struct CopySets: Sendable {
    static let filesMax = 20_000
    static let bytesMax: Int64 = 1 << 30
    /// Sets of runs are kept for their resumption, and the oldest go.
    static let setsMax = 64

    private let folder: String

    init(state: String) { folder = state + "/setup-copies" }

    private func place(_ run: RunID) -> String { "\(folder)/\(run)" }

    /// The set of a run; nil where none was gathered.
    func load(_ run: RunID) throws -> CopySet? {
        let file = "\(place(run))/set.json"
        guard Files.exists(file) else { return nil }
        return try JSONDecoder().decode(CopySet.self, from: Data(Files.read(file, bytesMax: 16 << 20)))
    }

    /// Removes the set of a run; where the run goes on all the same, it is gathered again.
    func forget(_ run: RunID) throws { try Files.removeTree(place(run)) }

    /// Copies a set's files into a tree, but for those that would replace one of its own, which are returned.
    func put(_ run: RunID, into tree: SetupTree, sparing own: [[UInt8]]) throws -> [[UInt8]] {
        let kept = try TreeStamps(of: "\(place(run))/files", entriesMax: SetupCache.entriesMax)
        let files = kept.files(beside: own)
        _ = try Files.copyTree(
            "\(place(run))/files", into: tree.layers?.upper ?? tree.path,
            only: files.replacing.isEmpty ? nil : Set(files.others),
            owner: SystemIdentity.isRoot ? tree.uid : nil)
        return files.replacing
    }

    /// Looks at the checkout anew and keeps what is found in the place of what was found before.
    func gather(_ order: CopyOrder, _ setup: WorktreeSetup, from store: RepositoryStore) async throws
        -> CopySet
    {
        let found = try await store.ignoredFiles(
            matching: setup.copies.map { ($0.pattern, $0.isRaw) }, by: order.base, filesMax: Self.filesMax)
        switch found.excess {
        case .filesToCopy?: throw SetupError.copiesTooMany(limit: Self.filesMax)
        case .namesInCheckout(let limit)?: throw SetupError.checkoutTooLarge(limit: limit)
        case nil: break
        }
        let checkout = store.checkout
        return try await runBlocking { try keep(found, of: order.run, from: checkout) }
    }

    private func keep(_ found: IgnoredFiles, of run: RunID, from checkout: String) throws -> CopySet {
        try Files.makeDirectory(folder, mode: 0o700)
        let draft = "\(folder)/.draft-\(run)"
        try Files.removeTree(draft)
        try Files.makeDirectory("\(draft)/files", mode: 0o700)
        do throws(SystemError) {
            _ = try Files.copyTree(
                checkout, into: "\(draft)/files", only: Set(found.files.map(\.path)), owner: nil,
                bytesMax: Self.bytesMax)
        } catch {
            try Files.removeTree(draft)
            if error.code == EFBIG { throw SetupError.copiesTooLarge(bytes: Self.bytesMax) }
            throw error
        }
        let set = try judge(found, in: "\(draft)/files")
        try Files.writeAtomically("\(draft)/set.json", text: JSONText.line(encoding: set))
        try Files.removeTree(place(run))
        try Files.move(draft, to: place(run))
        try prune()
        return set
    }

    /// Replaces and removes secrets in the copies, and sums up what is left.
    private func judge(_ found: IgnoredFiles, in files: String) throws -> CopySet {
        var set = CopySet(digest: Digest(""), files: 0, replaced: [], leftOut: [], raw: [], notes: [])
        var contents: [String] = []
        for file in found.files.sorted(by: { $0.path.lexicographicallyPrecedes($1.path) }) {
            guard let path = String(validating: file.path, as: UTF8.self) else {
                try Files.remove([file.path], below: files)
                set.leftOut.append(
                    VisibleText.oneLine(String(decoding: file.path, as: UTF8.self), limit: 200))
                continue
            }
            let copy = "\(files)/\(path)"
            let shown = VisibleText.oneLine(path, limit: 200)
            if file.isLink {
                // A link out of the checkout leads nowhere in a sandbox.
                guard let target = try? Files.linkTarget(copy), !target.hasPrefix("/"),
                    Self.staysInside(target, from: path)
                else {
                    try Files.remove([file.path], below: files)
                    set.leftOut.append(shown)
                    continue
                }
                contents.append("link \(path)\u{0}\(target)")
                set.files += 1
                continue
            }
            let status = try Files.status(of: copy)
            let bytes = try Files.read(copy, bytesMax: Int(Self.bytesMax))
            let text =
                bytes.count <= SecretText.textBytesMax ? String(validating: bytes, as: UTF8.self) : nil
            switch SecretText.judge(path: path, text: text) {
            case .harmless: break
            case .replaced where file.isRaw, .secret where file.isRaw:
                set.raw.append(RawCopy(path: shown, digest: Digest(SHA256.hex(of: bytes))))
            case .replaced(let other):
                try Files.writeAtomically(copy, text: other, mode: UInt32(status.st_mode & 0o777))
                set.replaced.append(shown)
            case .secret:
                try Files.remove([file.path], below: files)
                set.leftOut.append(shown)
                continue
            }
            set.files += 1
            let kept = try Files.read(copy, bytesMax: Int(Self.bytesMax))
            contents.append("file \(path)\u{0}\(status.st_mode & 0o777) \(SHA256.hex(of: kept))")
        }
        set.digest = Digest(SHA256.hex(of: contents.joined(separator: "\u{0}\u{0}")))
        if !found.notIgnored.isEmpty {
            let names = found.notIgnored.prefix(3).map { VisibleText.oneLine($0, limit: 100) }
            set.notes.append(
                "Not copied, for git does not ignore them and they would become part of every change: "
                    + names.joined(separator: ", ") + (found.notIgnored.count > 3 ? " and more" : ""))
        }
        return set
    }

    private static func staysInside(_ target: String, from path: String) -> Bool {
        var depth = path.split(separator: "/").count - 1
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return !target.split(separator: "/").contains(".git")
    }

    static func digest(of raw: [RawCopy]) -> Digest {
        Digest(SHA256.hex(of: raw.map { "\($0.path)\u{0}\($0.digest)\n" }.joined()))
    }

    private func prune() throws {
        let sets = try Files.list(folder).filter { !$0.hasPrefix(".") }
        guard sets.count > Self.setsMax else { return }
        let byAge = try sets.map { name in
            let time = try Files.status(of: "\(folder)/\(name)").st_mtim
            return (name: name, made: [time.tv_sec, time.tv_nsec])
        }.sorted { $0.made.lexicographicallyPrecedes($1.made) }
        for old in byAge.prefix(sets.count - Self.setsMax) { try Files.removeTree("\(folder)/\(old.name)") }
    }
}
