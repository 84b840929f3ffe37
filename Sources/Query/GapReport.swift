import DuckDB
import Primitives

/// Where events are missing, and how many.
public struct GapReport: Sendable, Equatable {
    /// One hour of sending of one source and configuration set; see the view `intake_completeness`.
    public struct Row: Sendable, Equatable {
        /// The beginning of the hour.
        public var hour: Timestamp
        /// The source of the Send, else of what came first.
        public var source: String
        /// The configuration set; nil where there is none.
        public var configurationSet: String?
        /// Messages that were sent.
        public var messages = 0
        /// Mails: messages, once for each recipient.
        public var mails = 0
        /// Mails that were delivered, bounced or rejected.
        public var withOutcome = 0
        /// Mails without such an event that were opened, clicked or complained of.
        public var answeredOnly = 0
        /// Mails that were delayed, and no more.
        public var delayedOnly = 0
        /// Mails without any event behind the Send that are younger than the limit.
        public var waiting = 0
        /// The same that are older.
        public var silent = 0
        /// Messages with events and without a Send.
        public var withoutSend = 0

        /// An hour in which nothing is known.
        public init(hour: Timestamp, source: String, configurationSet: String?) {
            (self.hour, self.source, self.configurationSet) = (hour, source, configurationSet)
        }

        /// What is missing in all.
        public var missing: Int { silent + delayedOnly + answeredOnly + withoutSend }
    }

    /// Hours after which a mail counts as silent.
    public var silentHours: Int
    /// All rows, by hour.
    public var rows: [Row]

    /// A report of rows.
    public init(silentHours: Int, rows: [Row]) { (self.silentHours, self.rows) = (silentHours, rows) }

    /// Looks for gaps among the messages that were sent since a moment.
    ///
    /// - Parameters:
    ///   - connection: a connection of the lake's.
    ///   - events: a relation with the rows of `events` that may matter.
    public static func make(
        on connection: Connection, events: String, since: Timestamp,
        silentHours: Int = IntakeViews.silentHours
    ) async throws -> GapReport {
        try await connection.execute("SET TimeZone = 'UTC'")
        let sql = IntakeViews.completeness(
            events: events, silentHours: silentHours, where: "sent_at >= TIMESTAMPTZ '\(since.iso8601)'")
        let rows = try await connection.rows(
            """
            SELECT hour, coalesce(source_name, ''), configuration_set, messages, mails, with_outcome, answered_only,
                delayed_only, waiting, silent, messages_without_send
            FROM (\(sql)) ORDER BY ALL
            """)
        return GapReport(silentHours: silentHours, rows: rows.compactMap(Row.init))
    }
}

extension GapReport.Row {
    fileprivate init?(_ row: [Value]) {
        guard case .timestamp(let hour) = row[0], let source = row[1].text else { return nil }
        self.init(hour: hour, source: source, configurationSet: row[2].text)
        let counts = row[3...].map { Int($0.integer ?? 0) }
        (messages, mails, withOutcome, answeredOnly) = (counts[0], counts[1], counts[2], counts[3])
        (delayedOnly, waiting, silent, withoutSend) = (counts[4], counts[5], counts[6], counts[7])
    }
}
