import Git
import Glibc
import Linux
import Vocabulary

/// Moves a clean checkout of the target along with its branch.
///
/// 1. take the index lock, with a note of what is under way  2. see that everything is clean and nothing
/// untracked is in the way  3. move the files, with a copy of the index  4. move the ref by compare-and-swap
/// 5. put the copy in the index's place  6. release the lock. Cut off before 4, the next landing puts the
/// files back and begins again; after 4 it finishes. At no moment can another git program commit what lies
/// between.
struct CheckoutMove {
    let checkout: GitCheckout
    /// The user's repository as seen from this checkout, so that HEAD's reflog tells of the move too.
    let repository: GitRepository
    let scratch: GitRepository
    let git: HardenedGit
    let state: StateDirectory
    let purpose: CheckoutLock.Purpose
    let changes: [GitChange]

    private var lock: CheckoutLock { CheckoutLock(gitDirectory: checkout.gitDirectory) }
    private var index: String { "\(checkout.gitDirectory)/index" }
    private var path: String { checkout.workingDirectory }
    static let shownFilesMax = 20

    /// - Parameter crash: called between the steps; tests cut the move off there.
    func run(crash: (String) throws -> Void) async throws -> LandingOutcome {
        if let why = try obstacle() { return .held(reason: why) }
        guard try lock.take(for: purpose) else {
            return .held(reason: .checkoutLocked(path: path, why: "another git program holds index.lock"))
        }
        try crash("locked")
        if let why = try untidiness() {
            try lock.release()
            return .held(reason: why)
        }
        let copy = state.temporary("index")
        defer { unlink(copy) }
        do {
            try Files.copy(index, to: copy, mode: 0o600)
            try await refresh(copy)
            try crash("copied")
            _ = try await read(from: purpose.old, to: purpose.new, copy)
        } catch let error as GitProgramError {
            // It looks at everything before it changes anything, but a full disk can stop it in the middle.
            _ = try await restore()
            try lock.release()
            guard case .failed(_, _, let said) = error, !error.isDiskFull else { throw error }
            return .held(reason: .checkoutUnsupported(path: path, why: "git refused to update: \(said)"))
        }
        try crash("moved files")
        switch try repository.swap(purpose.ref, from: purpose.old, to: purpose.new, log: "graftwork: land") {
        case .moved(let actual):
            _ = try await read(from: purpose.new, to: purpose.old, copy)
            try install(copy)
            try lock.release()
            return .targetMoved(actual: actual.map { ObjectID($0) })
        case .swapped: break
        }
        try crash("moved ref")
        try install(copy)
        try crash("installed index")
        try lock.release()
        return .landed
    }

    /// Why this checkout cannot be moved at all, whatever its files.
    private func obstacle() throws -> LandingHold? {
        if checkout.branch != purpose.ref {
            return .checkoutLocked(path: path, why: "an operation on that branch is not finished")
        }
        if let operation = repository.unfinishedOperation {
            return .checkoutLocked(path: path, why: "\(operation) is not finished")
        }
        let configuration = try GitConfiguration(file: "\(repository.commonDirectory)/config")
        if configuration.flag("core.sparsecheckout") == true {
            return .checkoutUnsupported(path: path, why: "is a sparse checkout")
        }
        for change in changes {
            if change.path.components.last.map({ Array($0) }) == Array(".gitattributes".utf8),
                let id = change.newID,
                let text = try scratch.read(id, bytesMax: Self.attributesBytesMax)?.bytes,
                String(decoding: text, as: UTF8.self).contains("filter")
            {
                return .checkoutUnsupported(
                    path: path,
                    why: "would need filters after \(VisibleText.quoted(change.path.text)) changes")
            }
            if try repository.attribute("filter", at: change.path) != nil {
                return .checkoutUnsupported(
                    path: path, why: "needs a filter program for \(VisibleText.quoted(change.path.text))")
            }
        }
        return nil
    }

    private static let attributesBytesMax = 1 << 20

    /// What of the files is in the way; asked under the lock.
    private func untidiness() throws -> LandingHold? {
        guard case .branch(purpose.ref, purpose.old) = try repository.head() else {
            return .checkoutLocked(path: path, why: "HEAD moved")
        }
        let dirty = try repository.changedTrackedFiles(pathsMax: Self.shownFilesMax)
        if !dirty.isEmpty { return .checkedOutDirty(path: path, files: dirty.map(\.text)) }
        let blocked = try UntrackedObstacles(root: path, changes: changes, repository: repository).find(
            limit: Self.shownFilesMax)
        return blocked.isEmpty ? nil : .checkedOutDirty(path: path, files: blocked.map(\.text))
    }

    private func place(_ index: String) -> HardenedGit.Place {
        HardenedGit.Place(gitDirectory: state.scratch, workTree: path, indexFile: index)
    }

    /// Brings the times in an index copy up to date; exit code 1 only says that some file differs.
    private func refresh(_ copy: String) async throws {
        _ = try await git.run(["update-index", "-q", "--refresh"], in: place(copy), accepted: [0, 1])
    }

    private func read(from old: GitID, to new: GitID, _ copy: String) async throws {
        let trees = try [old, new].map { try scratch.tree(of: $0).hex }
        _ = try await git.run(["read-tree", "-m", "-u"] + trees, in: place(copy))
    }

    /// Puts an index copy in the place of the checkout's index.
    private func install(_ copy: String) throws {
        let draft = "\(index).graftwork"
        try Files.removeTree(draft)
        let old = try Files.status(of: index)
        try Files.copy(copy, to: draft, mode: 0o600)
        try Files.changeMode(draft, old.st_mode & 0o777)
        // git doubts files as young as the index. With the time of copying it would stop doubting too early.
        let written = try Files.status(of: copy).st_mtim
        var times = [written, written]
        guard utimensat(AT_FDCWD, draft, &times, 0) == 0 else {
            throw SystemError(call: "utimensat", subject: draft)
        }
        try Files.move(draft, to: index)
        try Files.synchronizeDirectory(checkout.gitDirectory)
    }

    // MARK: After a crash

    /// Finishes or undoes what an earlier landing left; afterwards the lock is free. Answers files that
    /// somebody changed meanwhile and that were therefore left as they are.
    func heal() async throws -> [GitPath] {
        let actual = try repository.target(of: purpose.ref)
        let touched: [GitPath]
        if actual == purpose.new {
            touched = []
            let copy = state.temporary("index")
            defer { unlink(copy) }
            try Files.copy(index, to: copy, mode: 0o600)
            // Keeps what is known of unchanged files; the changed ones are compared by the refresh.
            _ = try await git.run(
                ["read-tree", "-i", "-m", scratch.tree(of: purpose.new).hex], in: place(copy))
            try await refresh(copy)
            try install(copy)
        } else {
            touched = try await restore()
        }
        try Files.removeTree("\(index).graftwork")
        try lock.release()
        return touched
    }

    /// Puts the changed paths back to what the index says, which is still the old commit. A file that is
    /// neither old nor new nor a beginning of new is somebody's work and stays.
    private func restore() async throws -> [GitPath] {
        var foreign: [GitPath] = []
        var putBack: [GitPath] = []
        for change in changes {
            switch try CheckedOutFile(root: path, path: change.path).compare(
                old: change.oldID, new: change.newID, scratch: scratch, newTree: scratch.tree(of: purpose.new)
            )
            {
            case .old: continue
            case .new, .beginningOfNew:
                if change.oldID == nil {
                    try CheckedOutFile(root: path, path: change.path).remove()
                } else {
                    putBack.append(change.path)
                }
            case .absent: if change.oldID != nil { putBack.append(change.path) }
            case .foreign: foreign.append(change.path)
            }
        }
        guard !putBack.isEmpty else { return foreign }
        let copy = state.temporary("index")
        defer { unlink(copy) }
        try Files.copy(index, to: copy, mode: 0o600)
        _ = try await git.run(
            ["checkout-index", "-f", "-u", "-q", "-z", "--stdin"], in: place(copy),
            input: putBack.flatMap { $0.bytes + [0] })
        try install(copy)
        return foreign
    }
}
