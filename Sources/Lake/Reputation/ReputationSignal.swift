import DuckDB
import Primitives

/// What AWS says of a sender's reputation: not about a message, but about an account, a configuration set or a tenant.
public struct ReputationSignal: Sendable, Equatable {
    /// What it is about.
    public enum Kind: String, Sendable {
        /// Sending was paused or allowed again.
        case sendingStatus = "sending_status"
        /// SES's adviser found something, or found it resolved.
        case recommendation
        /// A CloudWatch alarm on a metric of SES changed its state.
        case alarm
        /// Something else that SES puts on the bus and that is no message's.
        case other
    }

    /// EventBridge's id of the event, the same on each delivery; nil where it came another way.
    public var id: String?
    /// When it was received.
    public var receivedAt: Timestamp
    /// When it happened; nil where it does not say.
    public var eventAt: Timestamp?
    /// The source that brought it.
    public var sourceName: String
    /// The AWS account.
    public var account: String?
    /// The AWS region.
    public var region: String?
    /// What it is about.
    public var kind: Kind
    /// `account`, `configuration_set`, `tenant` or `identity`.
    public var scope = "account"
    /// The name of the configuration set, tenant or identity.
    public var scopeName: String?
    /// The status before, where it says.
    public var statusBefore: String?
    /// `ENABLED`, `DISABLED`, `REINSTATED`; `OPEN`, `RESOLVED`; `ALARM`, `OK`, `INSUFFICIENT_DATA`.
    public var status: String?
    /// `Reputation.BounceRate`; or what a recommendation is about, such as `BOUNCE`.
    public var metric: String?
    /// The metric's value, a rate as a fraction.
    public var value: Double?
    /// How much a recommendation matters: `HIGH`, `LOW`.
    public var impact: String?
    /// The reason in AWS's words.
    public var reason: String?
    /// All of it, as JSON.
    public var raw: String

    /// A signal of which no more is known.
    public init(receivedAt: Timestamp, sourceName: String, kind: Kind, raw: String) {
        (self.receivedAt, self.sourceName, self.kind, self.raw) = (receivedAt, sourceName, kind, raw)
    }
}

extension LakeTables {
    /// Name, type and meaning of each column of `reputation`.
    static let reputationColumns: [(name: String, type: TableColumnType, meaning: String)] = [
        (
            "signal_id", .string,
            "EventBridge's id of the event, else a hash of what it says: a signal counts once."
        ),
        ("received_at", .timestamp, "When it was received."),
        ("event_at", .timestamp, "When it happened."),
        ("source_name", .string, "The source that brought it."),
        ("account_id", .string, "The AWS account."),
        ("region", .string, "The AWS region."),
        ("kind", .string, "`sending_status`, `recommendation`, `alarm` or `other`."),
        ("scope", .string, "What it is about: `account`, `configuration_set`, `tenant` or `identity`."),
        ("scope_name", .string, "The name of the configuration set, tenant or identity."),
        ("status_before", .string, "The status before, where the signal says it."),
        (
            "status", .string,
            "`ENABLED`, `DISABLED` or `REINSTATED`; `OPEN` or `RESOLVED`; `ALARM`, `OK` or `INSUFFICIENT_DATA`."
        ),
        (
            "metric", .string,
            "The metric, such as `Reputation.BounceRate`, or what a recommendation is about."
        ),
        ("value", .double, "The metric's value where the signal says it, a rate as a fraction: 0.05 is 5 %."),
        ("impact", .string, "How much a recommendation matters, such as `HIGH`."),
        ("reason", .string, "The reason in AWS's words."),
        ("raw", .string, "All of the signal, as JSON."),
    ]

    /// `reputation`: what AWS says of the sender.
    static let reputation = TableSchema(columns: reputationColumns.map { TableColumn($0.name, $0.type) })
}
