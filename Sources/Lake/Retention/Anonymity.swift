import DuckDB
import Foundation
import Primitives
import Scanning
import SESEvents

/// From which age on events name nobody, and how they are made so.
public struct Anonymity: Sendable {
    /// Makes them so.
    public let anonymiser: Anonymiser
    /// Events before this.
    public let before: Timestamp

    /// An age, and the means.
    public init(anonymiser: Anonymiser, before: Timestamp) {
        (self.anonymiser, self.before) = (anonymiser, before)
    }
}

/// Words in the history of `events` and `messages`, by which ``AddedFiles`` knows what became of rows.
enum RetentionOperation {
    static let anonymise = "ANONYMISE"
    static let delete = "EXPIRE"
}

extension EventLake {
    /// How far retention is.
    public nonisolated var retention: RetentionJournal { RetentionJournal(home) }

    /// Which events are made anonymous on their way in; nil for none.
    ///
    /// - Throws: ``Failure`` of kind storage where the key is missing, without which pseudonyms would not be the same.
    public nonisolated func anonymity() throws(Failure) -> Anonymity? {
        guard let day = try retention.load().anonymous else { return nil }
        guard let hash = try home.addressHash() else {
            throw Failure(
                .storage,
                "\(home.privacyKey.path) is missing, by which people have the same pseudonym in all events; restore it "
                    + "from the backup")
        }
        return Anonymity(anonymiser: Anonymiser(hash), before: day.start)
    }

    /// What makes events of this home anonymous; its key is made where there is none.
    public nonisolated func anonymiser() throws(Failure) -> Anonymiser {
        Anonymiser(try home.makeAddressHash())
    }

    /// Refuses where somebody began to change what identifies events, and did not come to the end: an event that came again
    /// would count twice.
    public nonisolated func checkIdentities() throws(Failure) {
        guard try erasures.unfinished().isEmpty else {
            throw Failure(.refused, "an erasure is unfinished; finish it first with: sesame erase --resume")
        }
        guard try !retention.load().isUnfinished else {
            throw Failure(
                .refused,
                "events are being made anonymous and that is unfinished; finish it first with: sesame retention apply"
            )
        }
    }

    /// Makes `sesame_anonymous(json)` and `sesame_identity(json, time)` known to SQL.
    func registerAnonymity(_ anonymiser: Anonymiser) async throws {
        try await connection.register(
            TextFunction("sesame_anonymous", [.text]) { anonymiser.anonymise($0.text(0)) })
        try await connection.register(
            TextFunction("sesame_identity", [.text, .integer]) { arguments in
                Array(IdentityColumns(row: arguments.text(0), eventAt: arguments.integer(1)).eventID.utf8)
            })
    }
}

extension IdentityColumns {
    /// What identifies the event of a row of `events`, of which the texts are given as one JSON object.
    init(row: UnsafeRawBufferPointer, eventAt: Int64) {
        var texts: [String: String] = [:]
        var recipients: [String] = []
        _ = JSONScanner.members(of: row) { key, value in
            let name = String(decoding: key, as: UTF8.self)
            if name == "recipients" {
                _ = JSONScanner.elements(of: value.bytes) { element in
                    if let text = element.string() { recipients.append(text) }
                    return true
                }
            } else if Self.names.contains(name) {
                texts[name] = value.string()
            }
            return true
        }
        self.init(
            eventType: texts["event_type"] ?? "", messageID: texts["message_id"] ?? "", eventAt: eventAt,
            recipient: texts["recipient"], recipients: recipients, feedbackID: texts["feedback_id"],
            ipAddress: texts["ip_address"], userAgent: texts["user_agent"], link: texts["link"],
            extra: texts["extra"])
    }

    private static let names: Set = [
        "event_type", "message_id", "recipient", "feedback_id", "ip_address", "user_agent", "link", "extra",
    ]
}
