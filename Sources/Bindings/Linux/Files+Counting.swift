import Glibc

extension Files {
    /// How deep a tree is looked into; one that is deeper counts as having too many files.
    private static let countedDepthMax = 64

    /// How many things that are no folders lie at a path and below it; stops at `max`. What cannot be read
    /// counts as `max`: nobody knows what is in it.
    package static func countFiles(_ path: String, max: Int) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT ? 0 : max }
        guard status.st_mode & S_IFMT == S_IFDIR else { return 1 }
        guard let directory = try? DirectoryHandle(path: path) else { return max }
        return min(max, count(below: directory, depth: 1, max: max))
    }

    private static func count(below directory: borrowing DirectoryHandle, depth: Int, max: Int) -> Int {
        guard depth < countedDepthMax, let names = try? directory.names() else { return max }
        var total = 0
        for name in names {
            guard total < max, let status = try? directory.status(of: name) else { return max }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                total += 1
                continue
            }
            guard let child = try? DirectoryHandle(in: directory, name, isMending: false) else { return max }
            total += count(below: child, depth: depth + 1, max: max - total)
        }
        return total
    }
}
