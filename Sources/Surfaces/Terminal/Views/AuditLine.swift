package import ControlProtocol
import Vocabulary

/// One event of the journal as one line: number, time, run, kind, the beginning of its hash, payload.
package enum AuditLine {
    /// The payload is cut here; `--json` prints it whole.
    static let payloadCharactersMax = 400

    package static func text(of entry: AuditEntry, palette: Palette) -> String {
        let run = entry.run.map { SafeText.line($0.rawValue, charactersMax: 40) } ?? "-"
        let payload = SafeText.line(JSONOutput.line(entry.payload), charactersMax: payloadCharactersMax)
        return [
            String(entry.sequence), SafeText.line(entry.at, charactersMax: 40), run,
            palette.paint(SafeText.line(entry.kind, charactersMax: 60), .bold),
            palette.paint(SafeText.line(String(entry.hash.rawValue.prefix(12))), .dim), payload,
        ].joined(separator: " ")
    }
}
