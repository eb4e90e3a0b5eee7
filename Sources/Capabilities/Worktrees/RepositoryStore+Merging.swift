import Git
import Linux
package import Vocabulary

extension RepositoryStore {
    private static let conflictBytesMax = 4 << 20
    /// What a merge may take. One of 100,000 files of which a third changed takes less than 64 MiB; two
    /// versions of a file of nothing but line ends take more than forty times their size.
    static let mergeMemoryBytesMax: UInt = 2 << 30

    /// Builds the merge of a candidate and a target head, with exactly `base` as what they have in common.
    ///
    /// Runs in the server's own git directory: merge drivers that the user's configuration names are unknown
    /// there, and the attributes are those of the target head, not of any working directory. The merged tree
    /// lies in the server's directory until `commit` brings it into the user's.
    package func merge(
        candidate: ObjectID, base: ObjectID, onto head: ObjectID
    ) async throws(WorktreeError) -> MergeOutcome {
        try await explaining {
            let trees = try [candidate, base, head].map { try scratch.tree(of: GitID($0)) }
            let (ours, common, theirs) = (trees[0], trees[1], trees[2])
            // The trivial answers need no program, and must not depend on one.
            if ours == common || ours == theirs { return .merged(tree: ObjectID(theirs)) }
            if theirs == common { return .merged(tree: ObjectID(ours)) }
            // Commits made for this alone, so that history cannot choose another base.
            let signature = GitSignature(
                name: "Graftwork", email: CommitIdentity.graftwork.email, secondsSince1970: 0)
            func bare(_ tree: GitID, on parents: [GitID]) throws -> GitID {
                try scratch.commit(
                    tree: tree, parents: parents, message: "merge side", author: signature,
                    committer: signature)
            }
            let root = try bare(common, on: [])
            let (one, other) = (try bare(theirs, on: [root]), try bare(ours, on: [root]))
            let folder = state.temporary("attributes")
            try Files.makeDirectory(folder)
            let result: (exitCode: Int32, stdout: [UInt8])
            do {
                try AttributeFiles.write(of: theirs, from: scratch, to: folder)
                result = try await git.run(
                    ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", one.hex, other.hex],
                    in: place(workTree: folder), outputBytesMax: Self.conflictBytesMax,
                    memoryBytesMax: mergeMemoryBytesMax, accepted: [0, 1])
                try Files.removeTree(folder)
            } catch {
                try Files.removeTree(folder)
                throw error
            }
            let fields = result.stdout.split(separator: 0)
            guard let first = fields.first, let tree = GitID(hex: String(decoding: first, as: UTF8.self))
            else {
                throw WorktreeError.git(operation: "merge", message: "its answer was not understood")
            }
            if result.exitCode == 0 { return .merged(tree: ObjectID(tree)) }
            return .conflicted(
                tree: ObjectID(tree),
                paths: Set(fields.dropFirst().map { GitPath(bytes: Array($0)).text }).sorted())
        }
    }

    /// Makes a commit in the user's repository; moves no ref. The same inputs give the same id.
    package func commit(
        tree: ObjectID, parents: [ObjectID], message: String, author: CommitIdentity,
        committer: CommitIdentity,
        secondsSince1970 time: Int64
    ) async throws(WorktreeError) -> ObjectID {
        try explainingNow {
            let treeID = try scratch.tree(of: GitID(tree))
            let parentIDs = try parents.map { try GitID($0) }
            try importTree(treeID, knownFrom: try parentIDs.first.map { try scratch.tree(of: $0) })
            let id = try repository.commit(
                tree: treeID, parents: parentIDs, message: message,
                author: GitSignature(name: author.name, email: author.email, secondsSince1970: time),
                committer: GitSignature(name: committer.name, email: committer.email, secondsSince1970: time))
            return ObjectID(id)
        }
    }

    /// Copies into the user's database what a tree needs beyond another and only the server's directory has.
    func importTree(_ tree: GitID, knownFrom known: GitID?) throws {
        var pairs: [(new: GitID, old: GitID?)] = [(tree, known)]
        while let pair = pairs.popLast() {
            guard pair.new != pair.old else { continue }
            try importObject(pair.new, bytesMax: Int.max)
            let old = try pair.old.map { try scratch.entries(ofTree: $0) } ?? []
            let oldByName = Dictionary(old.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
            for entry in try scratch.entries(ofTree: pair.new) {
                let before = oldByName[entry.path]
                if entry.isTree {
                    pairs.append((entry.id, before.flatMap { $0.isTree ? $0.id : nil }))
                } else if !entry.isSubmodule && before?.id != entry.id {
                    try importObject(entry.id, bytesMax: Int.max)
                }
            }
        }
    }

    private func importObject(_ id: GitID, bytesMax: Int) throws {
        if try repository.contains(id) { return }
        guard let object = try scratch.read(id, bytesMax: bytesMax) else {
            throw WorktreeError.noSuchObject(id: ObjectID(id))
        }
        try repository.write(object.kind, object.bytes)
    }
}
