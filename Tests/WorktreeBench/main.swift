import FoundationEssentials
import Glibc
import Linux
import Vocabulary
import Worktrees

// Does to one repository what `scripts/bench worktrees` measures, and prints how long each step took.
//   worktree-bench REPOSITORY STATE overlay|checkout COUNT
struct Figures: Codable {
    /// The first worktree of a base, with all that is made once for it.
    var firstMilliseconds = 0.0
    var createMilliseconds: [Double] = []
    /// A snapshot after 20 files were changed.
    var snapshotMilliseconds: [Double] = []
    var removeMilliseconds: [Double] = []
    /// What one worktree takes up: its files, layers and git directory.
    var bytesOnDisk: Int64 = 0
    var isOverlay = false
}

func milliseconds(_ body: () async throws -> Void) async throws -> Double {
    let start = MonotonicClock.nowSeconds()
    try await body()
    return (MonotonicClock.nowSeconds() - start) * 1000
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let backend = WorktreeBackend(rawValue: arguments[3]), let count = Int(arguments[4])
else {
    print("usage: worktree-bench REPOSITORY STATE overlay|checkout COUNT")
    exit(64)
}
let store = try RepositoryStore(repository: arguments[1], state: arguments[2])
let base = try await store.resolve(branch: nil).commit
var figures = Figures()
var worktrees: [PreparedWorktree] = []
for number in 0...count {
    let time = try await milliseconds {
        worktrees.append(
            try await store.prepareWorktree(
                run: RunID("bench"), task: "t\(number)", base: base, owner: nil, backend: backend,
                support: .full))
    }
    if number == 0 { figures.firstMilliseconds = time } else { figures.createMilliseconds.append(time) }
}
figures.isOverlay = worktrees[0].layers != nil
figures.bytesOnDisk = try await store.survey().first?.bytesOnDisk ?? 0
for worktree in worktrees.dropFirst() {
    // Into the upper layer it is what the kernel would have written there.
    let root = worktree.layers?.upper ?? worktree.path
    for number in 0..<20 {
        let path = "\(root)/d\(number % 10)/e0/f\(number * 10)"
        try Files.makeDirectory(Files.parent(of: path), mode: 0o755)
        try Files.writeAtomically(path, text: "changed \(number)\n", mode: 0o644)
    }
    figures.snapshotMilliseconds.append(
        try await milliseconds { _ = try await store.snapshot(worktree, message: "bench") })
}
for worktree in worktrees {
    figures.removeMilliseconds.append(
        try await milliseconds { try await store.removeWorktree(worktree, keepSnapshots: false) })
}
print(try JSONText.line(encoding: figures))
