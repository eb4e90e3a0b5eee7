package import ControlProtocol
import FoundationEssentials
package import Linux
package import Vocabulary

/// One request on its way: a connection to the server, lines out and lines in.
package struct ServerConnection: Sendable {
    /// A diff of a whole run is the longest line there is.
    static let lineBytesMax = 64 << 20

    private let lines: LineStream
    private let writer: LineWriter

    package init(_ descriptor: Descriptor) {
        lines = LineStream(reading: descriptor, lineBytesMax: Self.lineBytesMax)
        writer = LineWriter(writing: descriptor)
    }

    package func send(_ request: ControlRequest) async throws(ConnectionError) {
        do {
            try await writer.write(JSONText.line(encoding: request))
        } catch let error as SystemError {
            throw error.isCancellation ? .cancelled : .lost("\(error)")
        } catch {
            throw .problem(Problem(error))
        }
    }

    /// The next line of the answer; a connection that ends before `done` or `problem` is an error.
    package func next() async throws(ConnectionError) -> ControlReply {
        let line: Line?
        do throws(SystemError) {
            line = try await lines.next()
        } catch {
            throw error.isCancellation ? .cancelled : .lost("\(error)")
        }
        guard let line else { throw .lost("the server closed the connection") }
        do {
            return try JSONDecoder().decode(ControlReply.self, from: Data(line.text.utf8))
        } catch {
            throw .problem(Self.foreignReply(wasTruncated: line.wasTruncated))
        }
    }

    package func close() { lines.descriptor.close() }

    /// Whether the server's program was replaced since it started: an update, or a new build.
    package var serverIsOutdated: Bool {
        guard let peer = try? UnixListener.peerCredentials(of: lines.descriptor),
            let program = try? Files.linkTarget("/proc/\(peer.pid)/exe")
        else { return false }  // Another user's server, or one that has just ended.
        // proc(5): the target of a program that is gone from its path ends with this.
        return program.hasSuffix(" (deleted)")
    }

    /// The likely cause is a server that was started before an update.
    private static func foreignReply(wasTruncated: Bool) -> Problem {
        if wasTruncated {
            return Problem(
                "The server's answer is longer than \(lineBytesMax >> 20) MiB.",
                hint: "Ask for one task instead of a run.")
        }
        return Problem(
            "The running server answers in a way that graftwork \(ProductVersion.current) does not "
                + "understand: it is of another version.",
            hint: "End it with `graftwork serve --stop` and run the command again; nothing is lost by that.",
            blame: .environment)
    }
}

/// Why an answer did not come.
package enum ConnectionError: Error, Hashable {
    /// The connection was refused or ended in the middle.
    case lost(String)
    /// The caller itself went away.
    case cancelled
    case problem(Problem)
}
