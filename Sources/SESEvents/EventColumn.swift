/// The columns of the `events` table, declared once: the decoder fills them, the lake stores them, the SQL views and
/// the reference page in `docs/sql.md` derive from them.
///
/// The raw value is the column's place in the table. The order never changes; new columns go to the end.
public enum EventColumn: Int, CaseIterable, Sendable {
    case eventID, eventType, eventAt, sentAt, receivedAt, sourceName, origin, isNotification
    case accountID, region, sourceARN, sourceIP, callerIdentity, configurationSet
    case messageID, sender, fromDomain, subject
    case recipient, recipientDomain, recipients, recipientAmbiguous, destination
    case tags, headers, headersTruncated
    case commonHeadersFrom, commonHeadersTo, commonHeadersCc, commonHeadersBcc, commonHeadersReplyTo
    case commonHeadersSender, commonHeadersDate, commonHeadersMessageID, commonHeadersReturnPath
    case feedbackID, bounceType, bounceSubtype, bouncedRecipients, bounceStatus, bounceDiagnostic
    case reportingMTA, remoteMTAIP
    case complaintSubtype, complaintFeedbackType, complaintUserAgent, complaintArrivalAt, complainedRecipients
    case deliveryProcessingMs, deliverySMTPResponse
    case delayType, delayExpiresAt, delayedRecipients
    case rejectReason, failureTemplate, failureMessage
    case subscriptionContactList, subscriptionSource, subscriptionNew, subscriptionOld
    case ipAddress, userAgent, link, linkTags
    case isMachine, machineRule, clientKind, clientName, clientOS
    case extra

    /// What a column holds.
    public enum Kind: Equatable, Sendable {
        /// UTF-8 text.
        case text
        /// An instant, microseconds since the Unix epoch, UTC.
        case timestamp
        /// A 64-bit whole number.
        case integer
        /// True or false.
        case boolean
        /// A list of texts.
        case textList
        /// A map from text to a list of texts.
        case textListMap
        /// A list of structures of the named text fields.
        case structureList([String])
    }

    /// The column's name, type and meaning.
    public struct Declaration: Sendable {
        /// The name in SQL and Parquet.
        public let name: String
        /// What it holds.
        public let kind: Kind
        /// One sentence for the reference.
        public let meaning: String

        init(_ name: String, _ kind: Kind, _ meaning: String) {
            self.name = name
            self.kind = kind
            self.meaning = meaning
        }
    }

    /// The name in SQL and Parquet.
    public var name: String { declaration.name }
    /// What it holds.
    public var kind: Kind { declaration.kind }
    /// The column's name, type and meaning.
    public var declaration: Declaration { Self.declarations[rawValue] }
}

extension EventColumn.Kind {
    /// The type's name in DuckDB's SQL.
    public var sql: String {
        switch self {
        case .text: "VARCHAR"
        case .timestamp: "TIMESTAMPTZ"
        case .integer: "BIGINT"
        case .boolean: "BOOLEAN"
        case .textList: "VARCHAR[]"
        case .textListMap: "MAP(VARCHAR, VARCHAR[])"
        case .structureList(let fields):
            "STRUCT(" + fields.map { "\($0) VARCHAR" }.joined(separator: ", ") + ")[]"
        }
    }
}
