import FoundationEssentials
import Git
import Glibc
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Makes the worktree of one task: registration, branch, files and the agent's own git directory.
    ///
    /// Idempotent by (run, task): a second call gives the same worktree with whatever files an earlier
    /// attempt left. What a crash left half made is removed and made anew; no agent can have worked in it.
    ///
    /// The repository's lock is held while the worktree is registered, and not while files are written:
    /// 1. the base's shared parts  2. the registration, under the lock  3. files or layers, and the agent's
    /// git directory  4. the marker, with which it counts.
    ///
    /// - Parameters:
    ///   - uid: who shall own the files; only root can give them to somebody else.
    ///   - backend: `.overlay` is a wish: where overlays do not work, a checkout is made.
    package func prepareWorktree(
        run: RunID, task: String, base: ObjectID, owner uid: UInt32?,
        backend: WorktreeBackend = .auto, support: LayerSupport = .untried
    ) async throws(WorktreeError) -> PreparedWorktree {
        let name = try WorktreeName(run: run, task: task)
        let baseID = try GitID(base)
        return try await explaining {
            return try await oneAtATime(state.worktree(name)) {
                try await prepareAlone(name, base: baseID, owner: uid, backend: backend, support: support)
            }
        }
    }

    /// Within the worktree's turnstile.
    func prepareAlone(
        _ name: WorktreeName, base baseID: GitID, owner uid: UInt32?, backend: WorktreeBackend,
        support: LayerSupport
    ) async throws -> PreparedWorktree {
        let base = ObjectID(baseID)
        preparing.insert(name)
        defer { preparing.remove(name) }
        // One that was being removed under this name goes first, as far as it is in the way.
        try await saveAndBury(name, crash: crash)
        if var existing = try prepared(name, base: base) {
            // A person may have had it meanwhile.
            existing = try handBackAlone(existing)
            try makePlaceAgain(of: existing)
            return isWhole(existing)
                ? existing : try await using(baseID) { try await mended(existing) }
        }
        guard try repository.commit(baseID) != nil else { throw WorktreeError.noSuchObject(id: base) }
        return try await using(baseID) {
            let filling: Filling =
                overlayIsChosen(backend, support)
                ? .layers(try await pristineCheckout(of: baseID), nil) : .files
            let objects = SharedObjects(
                folder: try await packedObjects(of: baseID),
                areBorrowed: borrows(owner: uid, support))
            try await exclusively("worktrees", creation) {
                try discardHalfMade(name)
                try crash("discarded")
                try checkBranch(name, base: baseID)
                // Before anything is in the user's repository: by this it is found again.
                try Files.makeDirectory(state.privateFolder(name), mode: 0o711)
                try Files.writeAtomically(state.intendedBase(name), text: baseID.hex)
                try crash("intention written")
                try register(name, base: baseID)
            }
            try crash("registered")
            return try await fill(name, base: baseID, objects: objects, owner: uid, filling)
        }
    }

    /// What a session of the server's own user reads anyway; to another uid it must be shown as its own.
    func borrows(owner uid: UInt32?, _ support: LayerSupport) -> Bool {
        uid == nil || uid == SystemIdentity.effectiveUID || support.sharingProblem == nil
    }

    func overlayIsChosen(_ backend: WorktreeBackend, _ support: LayerSupport) -> Bool {
        support.overlayProblem == nil && wantsOverlay(backend)
    }

    /// Whether the next worktree is to be an overlay, if overlays work.
    package func wantsOverlay(_ backend: WorktreeBackend) -> Bool {
        switch backend {
        case .overlay: true
        case .checkout: false
        case .auto: (checkoutSeconds ?? 0) > Self.patientSeconds
        }
    }

    private func isWhole(_ worktree: PreparedWorktree) -> Bool {
        PrivateGitDirectory.isWhole(
            "\(state.privateFolder(worktree.name))/git", branch: worktree.branch)
            && (worktree.layers == nil || Files.exists("\(state.worktree(worktree.name))/.git"))
    }

    /// Makes the agent's git directory of a worktree anew, on the same base; its files stay as they are.
    private func mended(_ worktree: PreparedWorktree) async throws -> PreparedWorktree {
        let base = try GitID(worktree.base)
        let folder = state.privateFolder(worktree.name)
        try Files.removeTree("\(folder)/git")
        try Files.removeTree("\(folder)/dotgit")
        var filling = Filling.indexOnly
        if let layers = worktree.layers { filling = .layers(try await pristineCheckout(of: base), layers) }
        let objects = SharedObjects(
            folder: try await packedObjects(of: base), areBorrowed: worktree.sharedObjects != nil)
        return try await fill(
            worktree.name, base: base, objects: objects, owner: worktree.owner, filling)
    }

    /// A worktree whose making was finished; nil when there is none.
    private func prepared(_ name: WorktreeName, base: ObjectID) throws -> PreparedWorktree? {
        guard try state.tombstone(of: name)?.phase != .begun, let worktree = try readMarker(name) else {
            return nil
        }
        guard worktree.base == base else {
            throw WorktreeError.preparedFromAnotherBase(path: worktree.path, base: worktree.base)
        }
        return worktree
    }

    func readMarker(_ name: WorktreeName) throws -> PreparedWorktree? {
        let marker = state.marker(name)
        guard Files.exists(marker) else { return nil }
        let bytes = try Files.read(marker, bytesMax: Self.markerBytesMax)
        do {
            return try JSONDecoder().decode(PreparedWorktree.self, from: Data(bytes))
        } catch {
            throw WorktreeError.file(path: marker, message: "it is not what this version writes there")
        }
    }

    private static let markerBytesMax = 1 << 20

    private func discardHalfMade(_ name: WorktreeName) throws {
        if let registered = try repository.registration(ofWorkingDirectory: state.worktree(name))?.name {
            try repository.forget(worktree: registered)
        }
        try WorktreeRegistration.forgetHalfMade(for: state.worktree(name), in: gitDirectory)
        try Files.removeTree(state.worktree(name))
        try Files.removeTree(state.layersFolder(name))
        try Files.removeTree(state.privateFolder(name))
    }

    /// A branch that stands at the base is what a crash left of an earlier attempt, or nobody's work.
    private func checkBranch(_ name: WorktreeName, base: GitID) throws {
        let ref = "refs/heads/\(name.branch)"
        if let checkout = try repository.checkouts().first(where: { $0.isConcerned(by: ref) }) {
            throw WorktreeError.branchInUse(branch: name.branch, path: checkout.workingDirectory)
        }
        let existing = try repository.target(of: ref)
        guard existing == nil || existing == base else {
            throw WorktreeError.branchTaken(branch: name.branch, commit: existing.map { ObjectID($0) })
        }
    }

    /// Registers the worktree in the user's repository, without files, locked against `git worktree prune`.
    private func register(_ name: WorktreeName, base: GitID) throws {
        let ref = "refs/heads/\(name.branch)"
        if try repository.target(of: ref) == nil {
            guard
                try repository.swap(ref, from: nil, to: base, log: "branch: Created from \(base.hex)")
                    == .swapped
            else { throw WorktreeError.branchTaken(branch: name.branch, commit: nil) }
        }
        try crash("branch made")
        try WorktreeRegistration(
            commonDirectory: gitDirectory, path: state.worktree(name), branch: ref
        ).write(crash: crash)
    }

    /// Where the objects of a base lie, and whether a private git directory borrows or copies them.
    struct SharedObjects {
        var folder: String
        var areBorrowed: Bool
    }

    /// How a worktree gets its files.
    enum Filling {
        case files
        /// They are there; git gets an index of the base.
        case indexOnly
        /// With an index of the base; nil: empty layers are made.
        case layers(PristineCheckout, OverlayLayers?)
    }

    /// Makes files or layers, the agent's git directory and the pointer to it, and last the marker.
    func fill(
        _ name: WorktreeName, base: GitID, objects: SharedObjects, owner uid: UInt32?, _ filling: Filling
    ) async throws -> PreparedWorktree {
        let path = state.worktree(name)
        let folder = state.privateFolder(name)
        try Files.makeDirectory(folder, mode: 0o711)
        try Files.changeMode(folder, 0o711)
        let directory = PrivateGitDirectory(
            path: "\(folder)/git", workTree: path, branch: name.branch, base: base)
        let shallow = "\(state.scratch)/shallow"
        try directory.writeFiles(
            now: Int64(WallClock.nowSeconds()),
            shallow: Files.exists(shallow) ? Files.read(shallow, bytesMax: 16 << 20) : nil,
            alternate: objects.areBorrowed ? objects.folder : nil)
        if !objects.areBorrowed {
            for file in try Files.list("\(objects.folder)/pack") {
                try Files.copy(
                    "\(objects.folder)/pack/\(file)", to: "\(directory.path)/objects/pack/\(file)",
                    mode: 0o400)
            }
        }
        try crash("git directory made")
        // Not by the agent's directory, which is the agent's from here on, but into its index.
        let index = "\(directory.path)/index"
        var owned = [path, directory.path]
        var layers: OverlayLayers?
        switch filling {
        case .files: try await measuring { try await checkOut(base, at: path, index: index) }
        case .indexOnly:
            _ = try await git.run(["read-tree", base.hex], in: place(workTree: path, indexFile: index))
        case .layers(let pristine, let given):
            try Files.copy(pristine.index, to: index, mode: 0o600)
            layers = try given ?? makeLayers(name, over: pristine)
            owned += [layers?.upper, layers?.work].compactMap(\.self)
        }
        try crash("files made")
        let pointer = "\(folder)/dotgit"
        try Files.writeAtomically(
            pointer, text: "gitdir: \(directory.path)\n", mode: 0o600, isDurable: false)
        if let uid, SystemIdentity.isRoot {
            if case .indexOnly = filling { try Files.separateLinks(tree: path, ownedBy: uid) }
            for tree in owned + [pointer] { try Files.changeOwner(tree: tree, uid: uid, gid: uid) }
        }
        try crash("files given away")
        if case .files = filling { try takePristineRecord(of: name, tree: scratch.tree(of: base)) }
        let worktree = PreparedWorktree(
            name: name, path: path, privateGitDirectory: directory.path, gitPointerFile: pointer,
            branch: name.branch, base: ObjectID(base), owner: uid, layers: layers,
            sharedObjects: objects.areBorrowed ? objects.folder : nil)
        try crash("before the marker")
        try Files.writeAtomically(state.marker(name), text: JSONText.line(encoding: worktree))
        try crash("marker written")
        return worktree
    }
}
