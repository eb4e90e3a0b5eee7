import CGit2

/// Owns one libgit2 object and frees it exactly once.
struct GitHandle: ~Copyable {
    let pointer: OpaquePointer
    private let free: @Sendable (OpaquePointer?) -> Void

    init(_ pointer: OpaquePointer, free: @escaping @Sendable (OpaquePointer?) -> Void) {
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }

    /// Runs a libgit2 call that makes an object, and owns what it made.
    static func make(
        _ operation: @autoclosure () -> String, free: @escaping @Sendable (OpaquePointer?) -> Void,
        _ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws(GitError) -> GitHandle {
        var raw: OpaquePointer?
        try git(operation()) { call(&raw) }
        return GitHandle(try present(raw, operation()), free: free)
    }
}
