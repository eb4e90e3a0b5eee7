import Git
import Linux

/// The attributes that a merge obeys: git reads them from the folder it runs in, never from a tree.
enum AttributeFiles {
    private static let bytesMax = 1 << 20
    private static let filesMax = 1000

    /// Writes every `.gitattributes` of a tree to a folder.
    static func write(of tree: GitID, from repository: GitRepository, to folder: String) throws {
        let files = try repository.flatten(tree: tree, entriesMax: RepositoryStore.treeEntriesMax).filter {
            $0.isNamed(".gitattributes")
        }
        // Beyond these limits git's own defaults apply to what is left out.
        for file in files.prefix(filesMax) where file.path.isUTF8 {
            // A tree is a stranger's bytes: it may call a folder "..", or a file by a path.
            guard
                file.path.components.allSatisfy({
                    !["", ".", ".."].contains(String(decoding: $0, as: UTF8.self))
                })
            else { continue }
            guard let bytes = try repository.read(file.id, bytesMax: bytesMax)?.bytes else { continue }
            let path = "\(folder)/\(file.path.text)"
            try Files.makeDirectory(Files.parent(of: path))
            try Files.writeAtomically(path, bytes)
        }
    }
}
