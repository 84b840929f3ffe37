/// A question about numbers: which metrics, by what, of what, when.
///
///     {"metrics": ["sends", "bounce_rate"], "dimensions": ["day", "isp"],
///      "filters": [{"field": "campaign", "op": "is", "value": "spring"}],
///      "date_range": "30d", "time_zone": "Europe/Berlin", "compare": "previous",
///      "order": ["-sends"], "limit": 100}
public struct AnalyticsQuery: Hashable, Sendable {
    /// Which time of an event counts.
    public enum TimeBasis: String, Hashable, Sendable, CaseIterable, Codable {
        /// Its own.
        case event
        /// That of its message's send request: all that became of the mail counts where it was sent.
        case sent

        /// The column with it.
        var column: String { self == .event ? "event_at" : "sent_at" }
    }

    /// How a dataset is joined.
    public struct Join: Hashable, Sendable {
        /// What of a fact finds the row: `recipient` or `message`.
        public var key: Key
        /// The dataset's column that has the same value.
        public var column: String

        /// What of a fact finds the row.
        public enum Key: String, Hashable, Sendable, CaseIterable {
            /// The address, in any case of letters.
            case recipient
            /// SES's message id.
            case message
        }

        /// A join.
        public init(_ key: Key, _ column: String) { (self.key, self.column) = (key, column) }
    }

    /// What to order by.
    public struct Order: Hashable, Sendable {
        /// A metric or dimension that was asked for.
        public var field: String
        /// The greatest first.
        public var isDescending: Bool

        /// Reads `sends` or `-sends`.
        public init(_ text: String) {
            isDescending = text.hasPrefix("-")
            field = isDescending ? String(text.dropFirst()) : text
        }

        /// As it is read.
        public var text: String { (isDescending ? "-" : "") + field }
    }

    /// The names of metrics.
    public var metrics: [String]
    /// The names of dimensions.
    public var dimensions: [String]
    /// What has to hold of an event, all of them.
    public var filters: [AnalyticsFilter]
    /// What has to hold of a row's metrics, all of them.
    public var having: [AnalyticsFilter]
    /// When.
    public var dateRange: DateRange
    /// By whose clocks, such as `Europe/Berlin`.
    public var timeZone: String
    /// Which time counts.
    public var timeBasis: TimeBasis
    /// What to compare with.
    public var compare: Comparison?
    /// What to order by; by time, else by the first metric, where nothing is said.
    public var order: [Order]
    /// The most rows.
    public var limit: Int
    /// Rows to leave out before them.
    public var offset: Int
    /// Datasets to join, by name.
    public var join: [String: Join]
    /// How many mails a representative volume is.
    public var representativeVolume: Int

    /// A question; what is not said is as in JSON.
    public init(
        metrics: [String], dimensions: [String] = [], filters: [AnalyticsFilter] = [],
        dateRange: DateRange = .last(30, .day), timeZone: String = "UTC"
    ) {
        (self.metrics, self.dimensions, self.filters) = (metrics, dimensions, filters)
        (self.dateRange, self.timeZone) = (dateRange, timeZone)
        (having, order, join, compare, timeBasis) = ([], [], [:], nil, .event)
        (limit, offset, representativeVolume) = (1_000, 0, 10_000)
    }

    /// The most rows of one answer.
    public static let mostRows = 10_000
    /// The most metrics of one question.
    static let mostMetrics = 60
    /// The most dimensions of one question.
    static let mostDimensions = 12
}
