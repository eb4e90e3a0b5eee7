import Glibc
import Linux

/// A folder that configuration is read from: on disk, at a commit, or in memory.
///
/// A file that is not there is nil; one that is there and cannot be read is an error, because a policy nobody could
/// read must not count as no policy.
package struct SourceFolder: Sendable {
    /// How a path in it is shown to people.
    package var display: @Sendable (_ path: String) -> String
    package var read: @Sendable (_ path: String) throws -> String?
    /// The names directly in a folder, sorted; empty when it is not there.
    package var list: @Sendable (_ folder: String) throws -> [String]

    package init(
        display: @escaping @Sendable (_ path: String) -> String = { $0 },
        read: @escaping @Sendable (_ path: String) throws -> String?,
        list: @escaping @Sendable (_ folder: String) throws -> [String]
    ) {
        self.display = display
        self.read = read
        self.list = list
    }

    /// The most bytes a file may have.
    package static let fileBytesMax = 1 << 20

    /// A folder on disk; it need not exist.
    package static func disk(_ root: String) -> SourceFolder {
        SourceFolder(
            display: { "\(root)/\($0)" },
            read: { path in
                do throws(SystemError) {
                    return try Files.readText("\(root)/\(path)", bytesMax: fileBytesMax)
                } catch {
                    guard error.isAbsence else { throw error }
                    return nil
                }
            },
            list: { folder in
                do throws(SystemError) {
                    return try Files.list("\(root)/\(folder)")
                } catch {
                    guard error.isAbsence else { throw error }
                    return []
                }
            })
    }

    /// Files by path, for tests and for text that was read elsewhere.
    package static func memory(_ files: [String: String]) -> SourceFolder {
        SourceFolder(
            read: { files[$0] },
            list: { folder in
                let prefix = folder.isEmpty ? "" : folder + "/"
                return Set(
                    files.keys.filter { $0.hasPrefix(prefix) }
                        .map { String($0.dropFirst(prefix.count).prefix { $0 != "/" }) }
                ).sorted()
            })
    }

    package static let none = SourceFolder.memory([:])
}

extension SourceFolder {
    func text(_ path: String) throws(ConfigurationError) -> String? {
        do {
            return try read(path)
        } catch {
            throw ConfigurationError(.unreadable(file: display(path), reason: "\(error)"))
        }
    }

    func names(_ folder: String) throws(ConfigurationError) -> [String] {
        do {
            return try list(folder)
        } catch {
            throw ConfigurationError(.unreadable(file: display(folder), reason: "\(error)"))
        }
    }
}

extension SystemError {
    fileprivate var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
}
