/// The days before which a policy wants data gone, or without names, at one moment.
///
/// A day is due as a whole, when its youngest instant has the age. So nothing goes before its time, and all of it at most a
/// day after.
public struct RetentionHorizons: Hashable, Sendable {
    /// Data of days before this goes.
    public var deletion: [RetentionTable: CivilDay] = [:]
    /// Events of days before this are made anonymous.
    public var anonymity: CivilDay?

    /// Nothing is due.
    public init() {}

    /// Whether nothing can be due.
    public var isEmpty: Bool { deletion.isEmpty && anonymity == nil }
}

extension RetentionPolicy {
    /// What is due at a moment.
    public func horizons(at now: Timestamp) -> RetentionHorizons {
        func day(_ days: Int) -> CivilDay {
            Timestamp(microseconds: now.microseconds - Int64(days) * 86_400_000_000).day
        }
        var horizons = RetentionHorizons()
        for table in RetentionTable.allCases {
            if let days = deleteAfterDays(table) { horizons.deletion[table] = day(days) }
        }
        horizons.anonymity = self[.events].anonymiseAfterDays.map(day)
        return horizons
    }
}

extension CivilDay {
    /// The date as in `2026-08-01`.
    public var iso8601: String { String(start.iso8601.prefix(10)) }

    /// The day of a date as in `2026-08-01`; nil for other texts.
    public init?(iso8601 text: String) {
        guard text.utf8.count == 10, let time = Timestamp(parsing: text + "T00:00:00Z") else { return nil }
        self = time.day
    }
}
