import Hashing
package import Vocabulary

extension EventJournal {
    /// A fact to be recorded.
    package struct Entry: Sendable, Hashable {
        /// Nil for facts that concern no single run.
        package let run: RunID?
        /// The name of the fact.
        package let kind: String
        /// JSON text.
        package let payload: String
        /// Of several entries with one key only the first is ever stored; nil: always stored.
        package let idempotencyKey: String?

        package init(run: RunID?, kind: String, payload: String, idempotencyKey: String? = nil) {
            self.run = run
            self.kind = kind
            self.payload = payload
            self.idempotencyKey = idempotencyKey
        }

        var bytes: Int {
            (run?.rawValue.utf8.count ?? 0) + kind.utf8.count + payload.utf8.count
                + (idempotencyKey?.utf8.count ?? 0)
        }
    }

    /// A fact as it was recorded.
    package struct Stored: Sendable, Hashable {
        /// Counts from 1 without gaps, over all runs.
        package let sequence: Int64
        package let run: RunID?
        package let kind: String
        package let payload: String
        package let idempotencyKey: String?
        /// UTC in ISO 8601 with milliseconds; a record, not an order.
        package let recordedAt: String
        /// Binds the entry to all before it.
        package let hash: Digest

        package init(
            sequence: Int64, run: RunID?, kind: String, payload: String, idempotencyKey: String?,
            recordedAt: String,
            hash: Digest
        ) {
            self.sequence = sequence
            self.run = run
            self.kind = kind
            self.payload = payload
            self.idempotencyKey = idempotencyKey
            self.recordedAt = recordedAt
            self.hash = hash
        }

        /// The same fact, linked to the hash of the one before it.
        func linked(to previous: Digest) -> Stored {
            Stored(
                sequence: sequence, run: run, kind: kind, payload: payload, idempotencyKey: idempotencyKey,
                recordedAt: recordedAt, hash: expectedHash(after: previous))
        }

        /// SHA-256 over the hash before and every field, each with its length in front: no two entries share
        /// a text.
        func expectedHash(after previous: Digest) -> Digest {
            var hash = SHA256()
            let fields: [String?] = [
                previous.rawValue, String(sequence), run?.rawValue, kind, payload, idempotencyKey, recordedAt,
            ]
            for field in fields {
                hash.update(field.map { "\($0.utf8.count):\($0)" } ?? "-")
            }
            return Digest(hash.finalizeHex())
        }
    }

    /// What the chain of hashes says about the whole journal.
    package enum ChainVerification: Sendable, Hashable {
        /// Every entry is as it was written; `head` is the hash of the last, to be compared with one kept
        /// elsewhere.
        case intact(entries: Int64, head: Digest)
        /// The first entry that is not as it was written, or is missing.
        case broken(sequence: Int64, reason: String)
    }
}

extension Digest {
    /// The hash "before" the first entry.
    static let beforeFirst = Digest(String(repeating: "0", count: 64))
}
