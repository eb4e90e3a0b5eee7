import Glibc

/// Where this process may make control groups, by whichever version of the kernel's interface is there.
///
/// Groups are made in a folder of ours beside or below the group of this process, so that limits which the
/// machine's owner put on us stay in force. Sources: the kernel's `admin-guide/cgroup-v2.rst` and
/// `admin-guide/cgroup-v1`.
package struct ControlGroups: Hashable, Sendable {
    package enum Version: Int, Hashable, Sendable {
        case one = 1
        case two = 2
    }

    /// What a group needs of the kernel, by its name there.
    enum Controller: String, CaseIterable, Hashable, Sendable {
        case pids, memory, cpu

        /// Without these two a group limits nothing that matters.
        var isNeeded: Bool { self == .pids || self == .memory }
    }

    package let version: Version
    /// The folder in which groups are made, for each controller; one and the same for version two.
    let folders: [Controller: String]

    /// Why no groups can be made.
    package struct Absence: Error, Hashable, CustomStringConvertible {
        package let description: String
        package init(description: String) { self.description = description }
    }

    /// Looks where groups may be made, and makes the folder for them; `name` is the folder's.
    package static func find(name: String) throws(Absence) -> ControlGroups {
        let (mounts, own): (String, String)
        do throws(SystemError) {
            mounts = try Files.readText("/proc/self/mountinfo", bytesMax: textBytesMax)
            own = try Files.readText("/proc/self/cgroup", bytesMax: textBytesMax)
        } catch {
            throw Absence(description: error.description)
        }
        return try find(name: name, mounts: mounts, own: own)
    }

    private static let textBytesMax = 4 << 20

    /// The same for any surroundings. `own` is the text of `/proc/PID/cgroup`.
    static func find(name: String, mounts: String, own: String) throws(Absence) -> ControlGroups {
        let hierarchies = ControlGroupHierarchy.all(mounts: mounts, own: own)
        var reasons: [String] = []
        if let unified = hierarchies.first(where: { $0.isUnified }) {
            do throws(Absence) {
                return try ofVersionTwo(unified, name)
            } catch {
                reasons.append(error.description)
            }
        }
        if hierarchies.contains(where: { !$0.isUnified }) {
            do throws(Absence) {
                return try ofVersionOne(hierarchies, name)
            } catch {
                reasons.append(error.description)
            }
        }
        throw Absence(
            description: reasons.isEmpty
                ? "no cgroup file system is mounted" : reasons.joined(separator: "; "))
    }

    // MARK: Version two

    private static func ofVersionTwo(_ hierarchy: ControlGroupHierarchy, _ name: String) throws(Absence)
        -> ControlGroups
    {
        var reason = "\(hierarchy.mountPoint) has no group to make others in"
        for parent in hierarchy.places {
            do throws(SystemError) {
                let has = Set(try words(of: "\(parent)/cgroup.controllers"))
                let lacking = Controller.allCases.filter { $0.isNeeded && !has.contains($0.rawValue) }
                guard lacking.isEmpty else {
                    reason =
                        "\(parent) has no controller \(lacking.map(\.rawValue).joined(separator: " and "))"
                    continue
                }
                // Whoever is moved out of the group of this process must be allowed to leave it.
                guard access("\(parent)/cgroup.procs", W_OK) == 0 else {
                    throw SystemError(call: "access", subject: "\(parent)/cgroup.procs")
                }
                let wanted = Controller.allCases.filter { has.contains($0.rawValue) }
                try passOn(wanted, to: parent)
                try Files.makeDirectory("\(parent)/\(name)", mode: 0o755)
                try passOn(wanted, to: "\(parent)/\(name)")
                let folder = "\(parent)/\(name)"
                return ControlGroups(
                    version: .two,
                    folders: Dictionary(uniqueKeysWithValues: wanted.map { ($0, folder) }))
            } catch {
                reason = error.description
            }
        }
        throw Absence(description: reason)
    }

    /// Lets the groups below a group have these controllers.
    private static func passOn(_ controllers: [Controller], to group: String) throws(SystemError) {
        let file = "\(group)/cgroup.subtree_control"
        let has = Set(try words(of: file))
        for controller in controllers where !has.contains(controller.rawValue) {
            do throws(SystemError) {
                try ControlGroup.write("+\(controller.rawValue)", to: file)
            } catch {
                if controller.isNeeded { throw error }
            }
        }
    }

    private static func words(of file: String) throws(SystemError) -> [String] {
        try Files.readText(file, bytesMax: 4 << 10).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    // MARK: Version one

    private static func ofVersionOne(_ hierarchies: [ControlGroupHierarchy], _ name: String) throws(Absence)
        -> ControlGroups
    {
        var folders: [Controller: String] = [:]
        for controller in Controller.allCases {
            guard let hierarchy = hierarchies.first(where: { $0.controllers.contains(controller.rawValue) })
            else {
                if controller.isNeeded {
                    throw Absence(description: "there is no controller \(controller.rawValue)")
                }
                continue
            }
            do throws(SystemError) {
                folders[controller] = try folder(name, in: hierarchy)
            } catch {
                if controller.isNeeded { throw Absence(description: error.description) }
            }
        }
        return ControlGroups(version: .one, folders: folders)
    }

    private static func folder(_ name: String, in hierarchy: ControlGroupHierarchy) throws(SystemError)
        -> String
    {
        var failure = SystemError(code: ENOENT, call: "mkdir", subject: hierarchy.mountPoint)
        for place in hierarchy.places {
            do throws(SystemError) {
                let folder = "\(place)/\(name)"
                try Files.makeDirectory(folder, mode: 0o755)
                guard access(folder, W_OK) == 0 else { throw SystemError(call: "access", subject: folder) }
                return folder
            } catch {
                failure = error
            }
        }
        throw failure
    }
}
