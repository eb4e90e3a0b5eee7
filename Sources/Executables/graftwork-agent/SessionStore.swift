import Linux
import Vocabulary

/// Keeps conversations in files, so that a later process can continue them.
struct SessionStore: Sendable {
    let folder: String

    func load(_ id: String) throws(AgentError) -> Dialogue {
        // The identifier becomes a file name: nothing but what this program makes.
        guard !id.isEmpty, id.utf8.count <= 64, id.utf8.allSatisfy(Self.isHexadecimal) else {
            throw .unknownSession(id)
        }
        let text: String
        do throws(SystemError) {
            text = try Files.readText(path(of: id), bytesMax: AgentBounds.sessionBytes)
        } catch {
            throw .unknownSession(id)
        }
        let document: JSONValue
        do throws(JSONText.Flaw) {
            document = try JSONText.parse(text)
        } catch {
            throw .session("The session file of \(id) is damaged: \(error)")
        }
        guard let conversation = Dialogue(json: document) else {
            throw .session("The session file of \(id) holds no conversation.")
        }
        return conversation
    }

    /// Writes the conversation whole or not at all.
    func save(_ id: String, _ conversation: Dialogue) throws(AgentError) {
        do throws(SystemError) {
            try Files.makeDirectory(folder)
            try Files.writeAtomically(path(of: id), text: JSONText.write(conversation.json))
        } catch {
            throw .session("The session cannot be kept: \(error)")
        }
    }

    private func path(of id: String) -> String { "\(folder)/\(id).json" }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
