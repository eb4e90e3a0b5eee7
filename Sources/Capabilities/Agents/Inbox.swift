import Glibc
import Linux
package import Vocabulary

/// Where files that come with a message are put: `inbox` in the session's home.
///
/// The home is the agent's own: whatever it puts in the place of the folder or of a file, nothing is written
/// anywhere else, and no file of its own is written over.
package struct Inbox: Sendable {
    static let name = "inbox"
    static let nameBytesMax = 100
    /// Tries at a name that nobody has yet.
    static let nameTriesMax = 100

    private let home: String
    private let homeInside: String
    private let uid: UInt32?

    package init(home: String, homeInside: String, uid: UInt32?) {
        self.home = home
        self.homeInside = homeInside
        self.uid = uid
    }

    /// Copies the files in, all or none.
    package func take(_ paths: [String]) async throws(InboxError) -> [ToldMessage.File] {
        guard paths.count <= ToldMessage.filesMax else {
            throw InboxError("a message may bring \(ToldMessage.filesMax) files at most")
        }
        return try await runBlocking { () throws(InboxError) in
            let folder = try open()
            var taken: [ToldMessage.File] = []
            do throws(InboxError) {
                for path in paths { taken.append(try take(path, into: folder)) }
            } catch {
                for file in taken { folder.remove(name(of: file)) }
                throw error
            }
            return taken
        }
    }

    /// Removes what was taken for a message that was then refused.
    package func giveBack(_ files: [ToldMessage.File]) async {
        guard !files.isEmpty else { return }
        await runBlocking {
            // Not a cause lost: an inbox that cannot be opened any more is the agent's own doing.
            guard let folder = try? open() else { return }
            for file in files { folder.remove(name(of: file)) }
        }
    }

    private func open() throws(InboxError) -> DropFolder {
        do throws(SystemError) {
            return try DropFolder(named: Self.name, in: home, owner: uid)
        } catch {
            throw InboxError("the folder '\(Self.name)' of its home cannot be used: \(error)")
        }
    }

    private func take(_ path: String, into folder: borrowing DropFolder) throws(InboxError)
        -> ToldMessage.File
    {
        let file = VisibleText.oneLine(path, limit: 200)
        do throws(SystemError) {
            let source = try Descriptor.open(path, flags: O_RDONLY | O_NONBLOCK)
            let wanted = Self.safeName(of: path)
            for number in 1...Self.nameTriesMax {
                let name = number == 1 ? wanted : "\(number)-\(wanted)"
                guard
                    let bytes = try folder.put(source, as: name, bytesMax: ToldMessage.fileBytesMax)
                else { continue }
                return ToldMessage.File(path: "\(homeInside)/\(Self.name)/\(name)", bytes: bytes)
            }
        } catch {
            if error.code == EFBIG {
                throw InboxError(
                    "the file '\(file)' has more than \(ToldMessage.fileBytesMax >> 20) MiB; commit it, or "
                        + "tell the agent how to get it")
            }
            throw InboxError("the file '\(file)' cannot be brought in: \(SystemError.text(of: error.code))")
        }
        throw InboxError("the inbox has \(Self.nameTriesMax) files of the name '\(file)' already")
    }

    /// The last part of a path, in characters that mean nothing anywhere, and no hidden file.
    static func safeName(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? ""
        let safe = last.utf8.prefix(nameBytesMax).map { byte -> Character in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII
                && (character.isLetter || character.isNumber || "-_.".contains(character))
                ? character : "_"
        }
        let name = String(safe)
        return name.isEmpty || name.hasPrefix(".") || name.hasPrefix("-") ? "_\(name.dropFirst())" : name
    }

    private func name(of file: ToldMessage.File) -> String {
        file.path.split(separator: "/").last.map(String.init) ?? ""
    }
}

/// Why the files of a message cannot be taken, as part of a sentence.
package struct InboxError: Error, Hashable {
    package var reason: String
    init(_ reason: String) { self.reason = reason }
}
