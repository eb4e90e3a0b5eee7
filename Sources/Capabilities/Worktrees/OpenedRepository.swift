import Git
import Glibc
import Linux
import Vocabulary

/// A user's repository that passed every test of whether it may be worked with.
struct OpenedRepository {
    let repository: GitRepository
    let root: String

    /// The order matters: ownership before anything of the repository is believed, its format before it is
    /// opened.
    init(path: String) throws {
        guard Files.isDirectory(path), let found = try GitRepository.discover(from: path) else {
            throw WorktreeError.notARepository(path: path)
        }
        try Self.requireOwnership(of: found)
        let common = try Self.commonDirectory(of: found)
        try Self.requireOwnership(of: common)
        try Self.requireKnownFormat(of: common)
        // `found` is the `.git` of the main working directory or the registration of a linked one.
        repository = try GitRepository(at: try Self.openable(found, from: path))
        guard !repository.isBare, let root = repository.workingDirectory else {
            throw WorktreeError.bareRepository(path: path)
        }
        try Self.requireOwnership(of: root)
        self.root = root
    }

    /// A linked worktree is opened by its directory; the discovered registration alone does not name the
    /// files.
    private static func openable(_ gitDirectory: String, from path: String) throws -> String {
        guard Files.exists("\(gitDirectory)/gitdir") else { return gitDirectory }
        let pointer = try Files.readText("\(gitDirectory)/gitdir", bytesMax: lineBytesMax)
        return Files.parent(of: String(pointer.prefix { $0 != "\n" }))
    }

    private static func commonDirectory(of gitDirectory: String) throws -> String {
        guard Files.exists("\(gitDirectory)/commondir") else { return gitDirectory }
        let text = try Files.readText("\(gitDirectory)/commondir", bytesMax: lineBytesMax)
        let line = String(text.prefix { $0 != "\n" })
        return try Files.realPath(line.hasPrefix("/") ? line : "\(gitDirectory)/\(line)")
    }

    /// Refused even to root, and even where `safe.directory` would let git in: what this user wrote into
    /// somebody else's repository would belong to this user, and the owner's next commit would fail on it.
    private static func requireOwnership(of path: String) throws {
        let owner = try Files.status(of: path).st_uid
        guard owner == SystemIdentity.effectiveUID else {
            throw WorktreeError.wrongOwner(path: path, owner: owner, user: SystemIdentity.effectiveUID)
        }
    }

    private static func requireKnownFormat(of common: String) throws {
        guard Files.exists("\(common)/config") else { return }
        let configuration = try GitConfiguration(file: "\(common)/config")
        let isPromisor = try configuration.entries(withPrefix: "remote.").contains {
            $0.name.hasSuffix(".promisor")
        }
        let extensions = try configuration.entries(withPrefix: "extensions.").map { entry in
            (
                name: entry.name,
                isHarmless: harmless.contains(entry.name)
                    || (entry.name, entry.value) == ("extensions.objectformat", "sha1")
            )
        }
        let unknown =
            extensions.first { !$0.isHarmless }?.name ?? (isPromisor ? "extensions.partialclone" : nil)
        if let unknown {
            throw WorktreeError.unsupportedExtension(
                name: unknown, path: common, hint: try hint(on: unknown, of: common))
        }
        if configuration.flag("core.splitindex") == true {
            throw WorktreeError.unsupportedExtension(
                name: "core.splitIndex", path: common,
                hint: "Run `git update-index --no-split-index` and unset core.splitIndex.")
        }
    }

    private static let harmless: Set<String> = ["extensions.noop"]

    private static func hint(on name: String, of common: String) throws -> String {
        switch name {
        case "extensions.objectformat":
            // git converts no repository in place.
            "Copy it into one that names objects by SHA-1: `git init NEW`, "
                + "then `git fast-export --all | git -C NEW fast-import`."
        case "extensions.partialclone":
            "Make a full clone: a partial one would fetch in the middle of a run."
        case "extensions.worktreeconfig" where try isSparse(common):
            // Without the extension alone git would take all files outside the checkout for deleted.
            "Work in a clone of it, or give up the sparse checkout with `git sparse-checkout disable` "
                + "and then `git config --unset extensions.worktreeConfig`."
        case "extensions.worktreeconfig":
            "Run `git config --unset extensions.worktreeConfig` if no worktree needs its own configuration."
        default: "Work in a plain clone of it."
        }
    }

    private static func isSparse(_ common: String) throws -> Bool {
        let file = "\(common)/config.worktree"
        guard Files.exists(file) else { return false }
        return try GitConfiguration(file: file).flag("core.sparsecheckout") == true
    }

    /// Our refs need these names as folders; git keeps no ref at the name of a folder.
    private static let folders = ["refs/heads/graftwork", "refs/graftwork", "refs/graftwork/snapshots"]

    /// Before anything is planned: the first worktree would fail on it, when the plan is paid for.
    private func requireRoomForRefs() throws {
        for name in Self.folders where try repository.target(of: name) != nil {
            throw WorktreeError.nameTaken(ref: name)
        }
    }
    private static let lineBytesMax = 64 << 10

    func probe() throws -> RepositoryProbe {
        try requireRoomForRefs()
        let head = try repository.head()
        let (branch, commit): (String?, GitID)
        switch head {
        case .branch(let ref, let id): (branch, commit) = (shortName(ref), id)
        case .detached(let id): (branch, commit) = (nil, id)
        case .unborn(let ref): throw WorktreeError.emptyRepository(path: root, branch: shortName(ref))
        }
        var checkedOut: [String: String] = [:]
        for checkout in try repository.checkouts() {
            if let ref = checkout.branch { checkedOut[shortName(ref)] = checkout.workingDirectory }
        }
        return RepositoryProbe(
            root: root, gitDirectory: repository.commonDirectory, headBranch: branch,
            headCommit: ObjectID(commit),
            checkedOutBranches: checkedOut, isDirty: try !repository.changedTrackedFiles(pathsMax: 1).isEmpty,
            unsupported: try peculiarities(commit))
    }

    /// What will be handled, but not as its user may expect.
    private func peculiarities(_ commit: GitID) throws -> [String] {
        var found: [String] = []
        let tree = try repository.tree(of: commit)
        let configuration = try GitConfiguration(file: "\(repository.commonDirectory)/config")
        if configuration.flag("core.sparsecheckout") == true {
            found.append("Sparse checkout is ignored in worktrees: they hold all files.")
        }
        if try repository.entry(at: GitPath(".gitmodules"), inTree: tree) != nil {
            found.append("Submodules stay empty in worktrees.")
        }
        if let attributes = try repository.entry(at: GitPath(".gitattributes"), inTree: tree),
            let bytes = try repository.read(attributes.id, bytesMax: Self.lineBytesMax)?.bytes,
            String(decoding: bytes, as: UTF8.self).contains("filter=")
        {
            found.append("Filters like Git LFS are not run: worktrees hold the pointers, not the files.")
        }
        if Files.exists("\(repository.commonDirectory)/shallow") {
            found.append("The clone is shallow: agents see its history only that far.")
        }
        return found
    }
}
