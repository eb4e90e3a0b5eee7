import Git
import Glibc
import Linux
import Vocabulary

/// Turns the files of one tree into those of another, in a checkout or in the upper layer of an overlay:
/// writes what differs and leaves everything else alone.
///
/// Every folder is reached from the one above it, and no link is followed. Nothing that no snapshot holds is
/// overwritten: what is in the way and was not saved, or was changed since, is moved aside, to
/// `NAME.kept-…`.
struct TreeWriter {
    let root: String
    /// The tree that shows through where the upper layer has nothing; nil in a checkout.
    let lower: GitID?
    /// Who shall own what is written; only root can give it to somebody else.
    let owner: UInt32?
    let objects: GitRepository
    let normaliser: Normaliser
    /// Paths whose files are not what the old tree says.
    let unsaved: Set<GitPath>
    /// The clock of the files before the first of them was read.
    let begin: timespec
    /// Where what is too large to be read whole lies already, by its path.
    let drafts: String
    /// Called after each path; tests cut there.
    var crash: (String) throws -> Void = { _ in }

    static let fileBytesMax = 256 << 20

    /// First all that goes, so that nothing old stands where a new folder is needed.
    func write(_ changes: [GitChange]) throws {
        for change in changes.reversed() where change.newID == nil {
            try remove(change.path)
            try crash("path removed")
        }
        for change in changes {
            guard let id = change.newID else { continue }
            try write(change, id)
            try crash("path written")
        }
    }

    private func remove(_ path: GitPath) throws {
        guard let place = try folder(above: path, isMaking: lower != nil) else { return }
        let name = path.name
        if let status = place.folder.status(of: name) {
            if !isSaved(path, status) {
                try moveAside(name, in: place.folder)
            } else if status.st_mode & S_IFMT != S_IFDIR {
                try place.folder.remove(name)
            }
        }
        if let lower {
            guard !place.isHiding, try objects.entry(at: path, inTree: lower) != nil,
                place.folder.status(of: name) == nil
            else { return }
            return try place.folder.makeWhiteout(name)
        }
        // git keeps no empty folder either.
        var empty = path.parent
        while let current = empty, let above = try folder(above: current, isMaking: false) {
            guard above.folder.removeIfEmpty(current.name) else { return }
            empty = current.parent
        }
    }

    private func write(_ change: GitChange, _ id: GitID) throws {
        guard let place = try folder(above: change.path, isMaking: true) else { return }
        let (folder, name) = (place.folder, change.path.name)
        let entry = GitEntry(path: change.path, mode: change.newMode, id: id)
        if let status = folder.status(of: name), !status.isWhiteout {
            if status.st_mode & S_IFMT == S_IFDIR {
                if entry.isSubmodule { return }
                try clearFolder(name, in: folder)
            } else if change.oldID == nil || !isSaved(change.path, status) {
                try moveAside(name, in: folder)
            }
        }
        if entry.isSubmodule {
            if folder.status(of: name) != nil { try folder.remove(name) }
            return try folder.makeFolder(name, owner: owner)
        }
        let isExecutable = entry.mode & 0o100 != 0
        if let header = try objects.header(of: id), header.bytes > Self.fileBytesMax {
            return try folder.putFile(
                name, movedFrom: Array("\(drafts)/".utf8) + change.path.bytes, isExecutable: isExecutable,
                owner: owner)
        }
        guard let bytes = try objects.read(id, bytesMax: Self.fileBytesMax)?.bytes else {
            throw WorktreeError.noSuchObject(id: ObjectID(id))
        }
        if entry.isSymlink { return try folder.putLink(name, to: bytes, owner: owner) }
        try folder.putFile(
            name, normaliser.checkedOut(bytes, at: change.path), isExecutable: isExecutable, owner: owner)
    }

    /// Whether what lies at a path is what was saved of it. Of a folder that is said only where it could not
    /// be read: what is in it is looked at by itself.
    private func isSaved(_ path: GitPath, _ status: stat) -> Bool {
        if unsaved.contains(path) { return false }
        if status.isWhiteout || status.st_mode & S_IFMT == S_IFDIR { return true }
        let changed = status.st_ctim
        return (changed.tv_sec, changed.tv_nsec) < (begin.tv_sec, begin.tv_nsec)
    }

    /// An open folder, and whether the layer hides what lies below it.
    private struct Place {
        var folder: FolderReader
        var isHiding: Bool
    }

    /// The folder a path lies in; nil where there is none and none shall be made.
    private func folder(above path: GitPath, isMaking: Bool) throws -> Place? {
        var place = Place(folder: try FolderReader(root: root), isHiding: false)
        for name in path.components.dropLast().map({ Array($0) }) {
            let folder = place.folder
            if let next = FolderReader(name, in: folder) {
                place = Place(folder: next, isHiding: place.isHiding || next.isOpaque)
                continue
            }
            guard isMaking else { return nil }
            let hides = folder.status(of: name)?.isWhiteout == true && lower != nil
            if hides {
                try folder.remove(name)
            } else if folder.status(of: name) != nil {
                try moveAside(name, in: folder)
            }
            try folder.makeFolder(name, owner: owner)
            guard let made = FolderReader(name, in: folder) else {
                throw SystemError(call: "open", subject: path.text)
            }
            if hides { try made.makeOpaque() }
            place = Place(folder: made, isHiding: place.isHiding || hides)
        }
        try place.folder.makeWritable()
        return place
    }

    /// Makes room where a folder stands that holds nothing of either tree.
    private func clearFolder(_ name: [UInt8], in folder: FolderReader) throws {
        if let inside = FolderReader(name, in: folder) { try sweep(inside) }
        if !folder.removeIfEmpty(name) { try moveAside(name, in: folder) }
    }

    /// Removes empty folders and whiteouts.
    private func sweep(_ folder: FolderReader) throws {
        for name in try folder.names(namesMax: ReadingLimits().filesMax) ?? [] {
            guard let status = folder.status(of: name) else { continue }
            if status.isWhiteout && lower != nil {
                try folder.remove(name)
            } else if status.st_mode & S_IFMT == S_IFDIR {
                if let inside = FolderReader(name, in: folder) { try sweep(inside) }
                _ = folder.removeIfEmpty(name)
            }
        }
    }

    private func moveAside(_ name: [UInt8], in folder: FolderReader) throws {
        guard folder.status(of: name) != nil else { return }
        let suffix = Array(".kept-\(RandomBytes.hex(count: 4))".utf8)
        // A name that leaves no room for it is cut.
        try folder.rename(name, to: name.prefix(Int(NAME_MAX) - suffix.count) + suffix)
    }
}

extension GitPath {
    fileprivate var name: [UInt8] { components.last.map { Array($0) } ?? [] }
}

extension stat {
    /// What an overlay's upper layer has in the place of something that is gone.
    var isWhiteout: Bool { st_mode & S_IFMT == S_IFCHR && st_rdev == 0 }
}
