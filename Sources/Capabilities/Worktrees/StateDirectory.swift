import Git
import Linux
import Vocabulary

/// Where the server keeps what belongs to one repository. Nothing of it lies in the user's checkout.
///
/// ```
/// scratch.git/            a git directory without configuration, on top of the user's objects
/// empty/                  a work tree for commands that must not see any file
/// packs/BASE/             what is reachable from one base, packed once; private directories borrow from it
/// pristine/BASE/          files/ of one base, checked out once, and their index
/// worktrees/RUN.TASK/     the files an agent works on; of an overlay only the place they are mounted at
/// layers/RUN.TASK/N/      upper/ is what an overlay changed, work/ the kernel's own
/// layers/RUN.TASK/open/   what an overlay becomes when it is opened for a person, until it is whole
/// checkout-seconds        how long the last checkout of all files took
/// private/RUN.TASK/       git/ is the agent's git directory, dotgit points to it, prepared.json comes last;
///                         base comes first: the commit it is to be made from;
///                         pristine: how the files of a checkout lay before any agent; setup.json: how far
///                         its set-up came
/// removals/RUN.TASK.json  the word that a worktree is to be removed
/// graveyard/RUN.TASK/     what is left of it until it is deleted
/// locks/  temporary/
/// ```
struct StateDirectory: Sendable, Hashable {
    let root: String

    /// Sessions run as other users, who must get through to their own folders and see nothing else.
    private static let passThrough: UInt32 = 0o711
    private static let ownOnly: UInt32 = 0o700

    init(_ root: String) throws(SystemError) {
        try Files.makeDirectory(root, mode: Self.passThrough)
        self.root = try Files.realPath(root)
        for folder in ["worktrees", "private", "packs", "pristine", "layers"] {
            try Files.makeDirectory("\(self.root)/\(folder)", mode: Self.passThrough)
            try Files.changeMode("\(self.root)/\(folder)", Self.passThrough)
        }
        for folder in ["locks", "temporary", "empty", "removals", "graveyard"] {
            try Files.makeDirectory("\(self.root)/\(folder)", mode: Self.ownOnly)
        }
    }

    var scratch: String { "\(root)/scratch.git" }
    var empty: String { "\(root)/empty" }
    var packs: String { "\(root)/packs" }
    var privates: String { "\(root)/private" }
    var pristines: String { "\(root)/pristine" }
    func pack(_ base: GitID) -> String { "\(packs)/\(base.hex)" }
    func pristine(_ base: GitID) -> PristineCheckout {
        PristineCheckout(folder: "\(pristines)/\(base.hex)")
    }
    func layersFolder(_ name: WorktreeName) -> String { "\(root)/layers/\(name.folder)" }
    var checkoutTime: String { "\(root)/checkout-seconds" }
    func worktree(_ name: WorktreeName) -> String { "\(root)/worktrees/\(name.folder)" }
    func privateFolder(_ name: WorktreeName) -> String { "\(root)/private/\(name.folder)" }
    func marker(_ name: WorktreeName) -> String { "\(privateFolder(name))/prepared.json" }
    func intendedBase(_ name: WorktreeName) -> String { "\(privateFolder(name))/base" }
    func pristineRecord(_ name: WorktreeName) -> String { "\(privateFolder(name))/pristine" }
    static let tombstoneSuffix = ".json"
    var removals: String { "\(root)/removals" }
    func tombstonePath(_ name: WorktreeName) -> String {
        "\(removals)/\(name.folder)\(Self.tombstoneSuffix)"
    }
    func grave(_ name: WorktreeName) -> String { "\(root)/graveyard/\(name.folder)" }
    func lock(_ name: String) -> String { "\(root)/locks/\(name).lock" }
    func temporary(_ purpose: String) -> String {
        "\(root)/temporary/\(purpose)-\(RandomBytes.hex(count: 8))"
    }
}

/// The server's own git directory: no configuration but ours, no refs, and the user's objects as alternates.
///
/// Everything that reads or writes file contents runs here, so that filters and merge drivers which the
/// user's configuration names are unknown, whatever attributes ask for them.
enum ScratchRepository {
    /// First in precedence, so no `.gitattributes` can undo it. Without these, what is checked out and what
    /// is saved are each other's inverse for every file.
    static let attributes = "* -filter -ident -working-tree-encoding\n"

    static func prepare(at path: String, for repository: GitRepository) throws {
        try GitRepository.makeBare(at: path)
        // What is merged lies in here, and the folder above lets other users through.
        try Files.changeMode(path, 0o700)
        let objects = "\(repository.commonDirectory)/objects"
        var alternates = [objects]
        if Files.exists("\(objects)/info/alternates") {
            let text = try Files.readText("\(objects)/info/alternates", bytesMax: Self.listBytesMax)
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                alternates.append(line.hasPrefix("/") ? String(line) : "\(objects)/\(line)")
            }
        }
        guard !objects.contains("\n"), !objects.hasPrefix("\"") else {
            throw WorktreeError.unsupportedExtension(
                name: "a path with a line break", path: objects,
                hint: "Move the repository to a plainer path.")
        }
        try Files.makeDirectory("\(path)/info", mode: 0o700)
        try Files.makeDirectory("\(path)/objects/info", mode: 0o700)
        try Files.writeAtomically("\(path)/info/attributes", text: attributes)
        try Files.writeAtomically(
            "\(path)/objects/info/alternates", text: alternates.joined(separator: "\n") + "\n")
        let shallow = "\(repository.commonDirectory)/shallow"
        if Files.exists(shallow) {
            try Files.writeAtomically("\(path)/shallow", Files.read(shallow, bytesMax: listBytesMax))
        } else {
            try Files.removeTree("\(path)/shallow")
        }
    }

    private static let listBytesMax = 16 << 20
}
