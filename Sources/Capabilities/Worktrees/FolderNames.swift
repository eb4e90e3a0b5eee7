import Glibc

/// The names in one folder, sorted by bytes, in one piece of memory: a worktree may hold a hundred thousand.
struct FolderNames {
    /// One name after another, each with a closing zero.
    private var text: [CChar] = []
    private var starts: [Int] = []

    var count: Int { starts.count }

    /// Takes a name as the kernel gives it; the folder itself and the one above are left out.
    mutating func append(_ name: UnsafePointer<CChar>) {
        let dot = CChar(bitPattern: UInt8(ascii: "."))
        if name[0] == dot && (name[1] == 0 || (name[1] == dot && name[2] == 0)) { return }
        starts.append(text.count)
        text.append(contentsOf: UnsafeBufferPointer(start: name, count: strlen(name) + 1))
    }

    mutating func sort() {
        text.withUnsafeBufferPointer { text in
            guard let first = text.baseAddress else { return }
            starts.sort { strcmp(first + $0, first + $1) < 0 }
        }
    }

    func bytes(at index: Int) -> [UInt8] {
        text[starts[index]...].prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }

    /// Calls `body` with each name in order.
    func visit(_ body: (Int, UnsafePointer<CChar>) throws -> Void) rethrows {
        try text.withUnsafeBufferPointer { text in
            guard let first = text.baseAddress else { return }
            for index in starts.indices { try body(index, first + starts[index]) }
        }
    }

    func contains(_ name: String) -> Bool {
        text.withUnsafeBufferPointer { text in
            guard let first = text.baseAddress else { return false }
            return starts.contains { strcmp(first + $0, name) == 0 }
        }
    }
}
