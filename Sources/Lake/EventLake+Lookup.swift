import DuckDB
import Foundation
import Primitives
import SESEvents

// MARK: - Relations

extension EventLake {
    /// SQL of a relation with the rows of `events` that may match; the files that cannot are left out.
    ///
    /// The caller repeats the conditions: pruning is by the log's statistics and keeps whole files.
    public func eventsRelation(pruned ranges: [ColumnRange] = []) async throws -> String {
        eventsRelation(try await events.snapshot().files(where: ranges))
    }

    /// SQL of the rows of some of the files of `events`.
    func eventsRelation(_ files: [DataFile]) -> String {
        Self.relation(files.map { events.location(of: $0) }, else: LakeTables.events)
    }

    /// SQL of a relation with the rows of `messages` as of the latest version of `events`.
    ///
    /// Where a writer was stopped between its two commits, what `messages` lacks is merged in while reading.
    public func messagesRelation() async throws -> String {
        let current = try await currentMessages()
        return current.definition.map { "(\($0))" } ?? Self.relation(current.files, else: LakeTables.messages)
    }

    /// SQL of a relation with the rows of `refused`.
    public func refusedRelation() async throws -> String {
        let files = try await refused.snapshot().files
        return Self.relation(files.map { refused.location(of: $0) }, else: LakeTables.refused)
    }

    /// Parquet files as a relation, or one without rows that has the table's columns: `read_parquet` wants a file.
    static func relation(_ paths: [String], else schema: TableSchema) -> String {
        if !paths.isEmpty {
            return "(SELECT * FROM read_parquet(\(SQL.list(paths)), hive_partitioning = false))"
        }
        let columns = schema.fileColumns.map { "NULL::\($0.type.sql) AS \(SQL.identifier($0.name))" }
        return "(SELECT \(columns.joined(separator: ", ")) WHERE false)"
    }
}

// MARK: - One recipient

/// One message to one recipient, and how far it came.
public struct RecipientMessage: Sendable, Equatable {
    /// SES's message id.
    public var messageID: String
    /// The recipient, in lower case.
    public var recipient: String
    /// When the send request was made.
    public var sentAt: Timestamp
    /// The subject, where an event has it.
    public var subject: String?
    /// The furthest state; see `furthest_state` of `messages`.
    public var state: String
    /// The last event.
    public var lastEventAt: Timestamp
    /// Why it did not arrive, in SES's and the remote server's words; nil for what arrived or is on its way.
    public var reason: String?
    /// The remote server's reply to the delivery.
    public var smtpResponse: String?
}

extension EventLake {
    /// The newest messages to `address`, whatever its case.
    public func messages(to address: String, limit: Int) async throws -> [RecipientMessage] {
        let rows = try await connection.rows(
            """
            SELECT message_id, recipient, sent_at, subject, furthest_state, last_event_at,
                \(EventWording.bounceReason),
                delivery_smtp_response, first_event_at
            FROM \(try await messagesRelation()) WHERE recipient = ?
            ORDER BY sent_at DESC, message_id LIMIT ?
            """, [.text(Self.normalized(address)), .integer(Int64(limit))])
        var found: [RecipientMessage] = []
        var unexplained: [String: (from: Timestamp, through: Timestamp)] = [:]
        for row in rows {
            guard let id = row[0].text, let recipient = row[1].text, let sent = row[2].timestamp,
                let last = row[5].timestamp
            else { continue }
            let message = RecipientMessage(
                messageID: id, recipient: recipient, sentAt: sent, subject: row[3].text,
                state: row[4].text ?? "", lastEventAt: last, reason: row[6].text, smtpResponse: row[7].text)
            if EventWording.unexplainedStates.contains(message.state) {
                unexplained[id] = (row[8].timestamp ?? sent, last)
            }
            found.append(message)
        }
        let reasons = try await reasons(unexplained)
        return found.map { message in
            var message = message
            message.reason = message.reason ?? reasons[message.messageID]
            return message
        }
    }

    /// What `messages` does not keep: the reasons of delays, rejects and rendering failures, by message id.
    private func reasons(
        _ wanted: [String: (from: Timestamp, through: Timestamp)]
    ) async throws -> [String: String] {
        guard let from = wanted.values.map(\.from).min(), let through = wanted.values.map(\.through).max()
        else { return [:] }
        let range = ColumnRange("event_at", from: .timestamp(from), through: .timestamp(through))
        let rows = try await connection.rows(
            """
            SELECT message_id, arg_max(\(EventWording.saysWithMachine), event_at)
            FROM \(try await eventsRelation(pruned: [range]))
            WHERE message_id IN (SELECT unnest(?)) AND event_at BETWEEN ? AND ?
                AND event_type IN ('DeliveryDelay', 'Reject', 'Rendering Failure')
            GROUP BY message_id
            """,
            [.list(wanted.keys.sorted().map { .text($0) }), .timestamp(from), .timestamp(through)])
        return Dictionary(
            rows.compactMap { row in row[0].text.flatMap { id in row[1].text.map { (id, $0) } } }
        ) { first, _ in first }
    }

    /// Recipients whose addresses hold `address` or differ from it by little, nearest first.
    public func recipients(like address: String, limit: Int = 5) async throws -> [String] {
        let wanted = Self.normalized(address)
        guard !wanted.isEmpty else { return [] }
        // One slip in five characters is a typing error; more is another person.
        return try await connection.rows(
            """
            SELECT recipient FROM (SELECT DISTINCT recipient FROM \(try await messagesRelation()))
            WHERE contains(recipient, $1) OR damerau_levenshtein(recipient, $1) <= greatest(1, length($1) // 5)
            ORDER BY damerau_levenshtein(recipient, $1), recipient LIMIT $2
            """, [.text(wanted), .integer(Int64(limit))]
        ).compactMap { $0.first?.text }
    }

    /// The spelling that `messages` keeps addresses in.
    private static func normalized(_ address: String) -> String {
        address.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    }
}

extension Value {
    /// The instant of a ``timestamp(_:)``, else nil.
    var timestamp: Timestamp? {
        if case .timestamp(let time) = self { time } else { nil }
    }
}
