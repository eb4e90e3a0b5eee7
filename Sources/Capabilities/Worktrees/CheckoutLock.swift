import Git
import Glibc
import Linux
import Vocabulary

/// git's own lock of a checkout's index, taken by us, with a note inside that says for what.
///
/// While it stands no git program changes index, branch or files of the checkout, and after a crash the note
/// tells the next landing what was under way.
struct CheckoutLock: Equatable {
    /// What was to be done: the ref, and the commits it was to move from and to.
    struct Purpose: Hashable {
        var ref: String
        var old: GitID
        var new: GitID

        var text: String { "\(Self.title)\n\(ref)\n\(old.hex)\n\(new.hex)\n" }
        private static let title = "graftwork landing 1"

        init(ref: String, old: GitID, new: GitID) { (self.ref, self.old, self.new) = (ref, old, new) }

        init?(text: String) {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            guard lines.count == 5, lines[0] == Self.title, let old = GitID(hex: lines[2]),
                let new = GitID(hex: lines[3])
            else { return nil }
            self.init(ref: lines[1], old: old, new: new)
        }
    }

    enum Holder: Equatable {
        case nobody
        /// An earlier landing that was cut off.
        case us(Purpose)
        case somebodyElse
    }

    let path: String

    init(gitDirectory: String) { path = "\(gitDirectory)/index.lock" }

    private static let noteBytesMax = 64 << 10

    func holder() throws -> Holder {
        guard Files.exists(path) else { return .nobody }
        do throws(SystemError) {
            let text = try Files.readText(path, bytesMax: Self.noteBytesMax)
            return Purpose(text: text).map { .us($0) } ?? .somebodyElse
        } catch {
            // A real index is larger than any note of ours; and it may be gone again by now.
            if error.code == EFBIG { return .somebodyElse }
            if error.isNotFound { return .nobody }
            throw error
        }
    }

    /// False when somebody holds it.
    func take(for purpose: Purpose) throws -> Bool {
        // The note must be whole the moment the lock can be seen, so it is written aside and linked into
        // place.
        let draft = "\(path).graftwork"
        try Files.removeTree(draft)
        try Files.writeAtomically(draft, text: purpose.text, mode: 0o644)
        defer { unlink(draft) }
        if link(draft, path) == 0 { return true }
        if errno == EEXIST { return false }
        throw SystemError(call: "link", subject: path)
    }

    func release() throws { try Files.removeTree(path) }
}
