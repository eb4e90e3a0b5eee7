/// One mounted hierarchy of control groups, and where in it this process is.
struct ControlGroupHierarchy: Hashable, Sendable {
    var mountPoint: String
    var isUnified: Bool
    /// By the kernel's names; none for a unified one, which names them in its files.
    var controllers: [String]
    /// Folders in which groups of ours may lie, the best first: below our own group, beside it, at the top.
    var places: [String]

    /// - Parameters:
    ///   - mounts: the text of `/proc/self/mountinfo`, see proc(5).
    ///   - own: the text of `/proc/self/cgroup`, see cgroups(7).
    static func all(mounts: String, own: String) -> [ControlGroupHierarchy] {
        let paths = ownPaths(own)
        return mounts.split(separator: "\n").compactMap { line in
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let fields = halves[0].split(separator: " ").map { unescaped(String($0)) }
            let system = halves[1].split(separator: " ")
            guard fields.count > 4, let kind = system.first, kind == "cgroup" || kind == "cgroup2" else {
                return nil
            }
            let isUnified = kind == "cgroup2"
            let options = (system.last ?? "").split(separator: ",").map(String.init)
            let controllers = isUnified ? [] : options.filter { $0 != "rw" && $0 != "ro" }
            let path = isUnified ? paths[""] : controllers.lazy.compactMap { paths[$0] }.first
            return ControlGroupHierarchy(
                mountPoint: fields[4], isUnified: isUnified, controllers: controllers,
                places: places(mountPoint: fields[4], root: fields[3], own: path, isUnified: isUnified))
        }
    }

    private static func places(mountPoint: String, root: String, own: String?, isUnified: Bool) -> [String] {
        var inside = own ?? "/"
        // A container sees the mount of its own part of the hierarchy.
        if root != "/", inside == root || inside.hasPrefix(root + "/") {
            inside = String(inside.dropFirst(root.count))
        }
        // `/..` begins the path of a group that lies above what this process sees.
        if inside.split(separator: "/").contains("..") { inside = "/" }
        while inside.hasSuffix("/") { inside.removeLast() }
        var places = [mountPoint + inside]
        // A group of version two either has processes or groups below it; its neighbour may be made.
        if isUnified, !inside.isEmpty { places.append(Files.parent(of: mountPoint + inside)) }
        if !places.contains(mountPoint) { places.append(mountPoint) }
        return places
    }

    /// The group of this process by controller; that of the unified hierarchy by the empty name.
    private static func ownPaths(_ text: String) -> [String: String] {
        var paths: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2].hasPrefix("/") else { continue }
            for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(controller)] = String(fields[2])
            }
        }
        return paths
    }

    /// mountinfo writes blanks and backslashes as octal numbers.
    private static func unescaped(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        return text.replacing("\\040", with: " ").replacing("\\011", with: "\t").replacing(
            "\\012", with: "\n"
        )
        .replacing("\\134", with: "\\")
    }
}
