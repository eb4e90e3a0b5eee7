import ChildProcess
import Glibc
import Linux

extension ProductWorld {
    /// A disk of its own for one folder, so that it can be filled. Root only.
    package func mountSmallDisk(at path: String, bytes: Int, keepingFiles: Bool = false) async throws {
        try Files.makeDirectory(path, mode: 0o711)
        let copy = folder.path("kept")
        if keepingFiles { try await mustRun(["/bin/cp", "--archive", path, copy]) }
        try await mustRun(["/bin/mount", "-t", "tmpfs", "-o", "size=\(bytes),mode=711", "tmpfs", path])
        if keepingFiles { try await mustRun(["/bin/cp", "--archive", "\(copy)/.", path]) }
    }

    package func resizeDisk(at path: String, bytes: Int) async throws {
        try await mustRun(["/bin/mount", "-o", "remount,size=\(bytes)", path])
    }

    /// Writes until nothing more fits.
    package func fillDisk(at path: String) throws {
        let number = open("\(path)/filler", O_WRONLY | O_CREAT, 0o600)
        guard number >= 0 else { throw SystemError(call: "open", subject: path) }
        defer { close(number) }
        for size in [1 << 16, 1 << 12, 1 << 8, 1] {
            let block = [UInt8](repeating: 0, count: size)
            while write(number, block, size) == size {}
        }
    }

    /// Makes room again.
    package func emptyDisk(at path: String) throws { try Files.removeFile("\(path)/filler") }

    /// Ends what uses the disk, and takes it away again.
    package func unmount(_ path: String) async throws {
        try await end()
        // A server that no longer answers holds its files open until it is gone.
        var tries = 0
        try await wait {
            tries += 1
            do {
                try await mustRun(["/bin/umount", path])
                return true
            } catch  where tries < Self.unmountTriesMax {
                return false
            }
        }
    }
    private static let unmountTriesMax = 2_000

    private func mustRun(_ argv: [String]) async throws {
        let output = try await Child.run(
            ChildCommand(argv, environment: [:], workingDirectory: "/"), timeout: .seconds(30))
        guard output.isSuccess else {
            throw WorldFailure(what: argv.joined(separator: " "), why: output.stderrText)
        }
    }
}

/// The test's own ground gave way.
package struct WorldFailure: Error, CustomStringConvertible {
    package let what: String
    package let why: String
    package init(what: String, why: String) {
        self.what = what
        self.why = why
    }
    package var description: String { "\(what): \(why)" }
}
