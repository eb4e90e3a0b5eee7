import Git
import Hashing
import Linux
package import Vocabulary

extension RepositoryStore {
    /// Runs `body` with the permit to move one target, which nobody else has at that time.
    ///
    /// - Parameter target: the full ref, as `resolve` gave it.
    package func withLandingLock<Value: Sendable>(
        _ target: String, _ body: @Sendable @concurrent (consuming LandingPermit) async throws -> Value
    ) async throws -> Value {
        guard target.hasPrefix("refs/heads/") else { throw WorktreeError.invalidBranchName(name: target) }
        let turnstile = landings[target] ?? Turnstile()
        landings[target] = turnstile
        return try await exclusively("landing-\(SHA256.hex(of: target).prefix(16))", turnstile) {
            try await body(LandingPermit(target: target))
        }
    }

    /// Moves the target to exactly this commit, by compare-and-swap, and a clean checkout of it along.
    ///
    /// Idempotent: called again after any crash it finds what was done, finishes or undoes it, and answers
    /// the same. Afterwards the target is read again, and it is proven that nothing of its history was lost.
    package func land(
        commit: ObjectID, expecting old: ObjectID, permission: CheckedOutPermission,
        permit: consuming LandingPermit
    ) async throws(WorktreeError) -> LandingOutcome {
        let target = permit.target
        return try await explaining {
            // A cancelled caller must not stop it between files and ref.
            try await uncancelled {
                try await self.move(target, from: GitID(old), to: GitID(commit), permission, crash: { _ in })
            }
        }
    }

    /// - Parameter crash: called between the steps; tests throw there what a killed process would leave.
    func move(
        _ target: String, from old: GitID, to new: GitID, _ permission: CheckedOutPermission,
        crash: @Sendable (String) throws -> Void
    ) async throws -> LandingOutcome {
        guard let commit = try scratch.commit(new) else {
            throw WorktreeError.noSuchObject(id: ObjectID(new))
        }
        try importTree(commit.tree, knownFrom: scratch.tree(of: old))
        let checkouts = try repository.checkouts().filter {
            $0.isConcerned(by: target) && ($0.isLocked || Files.isDirectory($0.workingDirectory))
        }
        if let left = try await healed(checkouts) { return .held(reason: left) }
        let actual = try repository.target(of: target)
        if actual == new { return try prove(target, old, new) }
        guard actual == old else { return .targetMoved(actual: actual.map { ObjectID($0) }) }
        guard try repository.isAncestor(old, of: new) else {
            return .held(reason: .notFastForward(target: shortName(target)))
        }

        guard let checkout = checkouts.first else {
            switch try repository.swap(target, from: old, to: new, log: "graftwork: land") {
            case .swapped: return try prove(target, old, new)
            case .moved(let actual): return .targetMoved(actual: actual.map { ObjectID($0) })
            }
        }
        let path = checkout.workingDirectory
        guard permission == .moveAlong else { return .held(reason: .checkedOutNotPermitted(path: path)) }
        guard checkouts.count == 1 else {
            return .held(
                reason: .checkoutLocked(path: path, why: "it is not the only checkout of that branch"))
        }
        guard Files.isDirectory(path) else {
            return .held(
                reason: .checkoutLocked(path: path, why: "the worktree is locked and its files are not there")
            )
        }
        let outcome = try await checkoutMove(checkout, CheckoutLock.Purpose(ref: target, old: old, new: new))
            .run(crash: crash)
        return outcome == .landed ? try prove(target, old, new) : outcome
    }

    private func checkoutMove(_ checkout: GitCheckout, _ purpose: CheckoutLock.Purpose) throws -> CheckoutMove
    {
        CheckoutMove(
            checkout: checkout, repository: try openCheckout(checkout),
            scratch: try GitRepository(bareAt: state.scratch),
            git: git, state: state, purpose: purpose,
            changes: try changes(from: ObjectID(purpose.old), to: ObjectID(purpose.new)))
    }

    private func openCheckout(_ checkout: GitCheckout) throws -> GitRepository {
        let repository = try GitRepository(at: checkout.workingDirectory)
        try repository.setIdentity(name: CommitIdentity.graftwork.name, email: CommitIdentity.graftwork.email)
        return repository
    }

    /// Finishes or undoes what an earlier landing left in these checkouts. Answers why it cannot be gone on.
    private func healed(_ checkouts: [GitCheckout]) async throws -> LandingHold? {
        for checkout in checkouts where Files.isDirectory(checkout.workingDirectory) {
            switch try CheckoutLock(gitDirectory: checkout.gitDirectory).holder() {
            case .nobody: continue
            case .somebodyElse: continue  // The move itself says so, if it comes to that.
            case .us(let purpose):
                let foreign = try await checkoutMove(checkout, purpose).heal()
                if !foreign.isEmpty {
                    return .checkedOutDirty(path: checkout.workingDirectory, files: foreign.map(\.text))
                }
            }
        }
        return nil
    }

    private func prove(_ target: String, _ old: GitID, _ new: GitID) throws -> LandingOutcome {
        let actual = try repository.target(of: target)
        // Somebody may have committed on top since; what landed is then still in the target's history.
        guard let actual, try repository.isAncestor(new, of: actual),
            try repository.isAncestor(old, of: actual)
        else {
            throw WorktreeError.landingNotProven(
                ref: target, expected: ObjectID(new), actual: actual.map { ObjectID($0) })
        }
        return .landed
    }
}
