import Linux

/// Stands where a session's gateway would: gives every connection back what it says.
package final class EchoGateway: Sendable {
    package let path: String
    private let listener: UnixListener
    private let serving: Task<Void, Never>

    package init(at path: String, uid: UInt32) throws {
        self.path = path
        // Room for all who ask at once, however long this process lets them wait.
        let listener = try UnixListener(path: path, backlog: 512)
        self.listener = listener
        if SystemIdentity.isRoot { try Files.changeOwner(tree: path, uid: uid, gid: uid) }
        serving = Task {
            await withTaskGroup(of: Void.self) { group in
                while let connection = try? await listener.accept() {  // Closed: the test is over.
                    group.addTask { await Self.echo(connection) }
                }
            }
        }
    }

    deinit {
        listener.close()
        serving.cancel()
    }

    private static func echo(_ connection: Descriptor) async {
        defer { connection.close() }
        do throws(SystemError) {
            while true {
                let bytes = try await connection.read(upTo: 64 << 10)
                if bytes.isEmpty { return }
                try await connection.write(bytes)
            }
        } catch {
            // The agent hung up: that is how a connection ends.
        }
    }
}
