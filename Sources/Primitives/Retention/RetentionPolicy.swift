/// What grows with time, and may be kept for a while only.
public enum RetentionTable: String, CaseIterable, Codable, CodingKeyRepresentable, Sendable {
    /// Bytes as they were received.
    case raw
    /// One row per event.
    case events
    /// One row per message and recipient, which follows from the events.
    case messages
    /// What could not be read.
    case refused
    /// The tables of streams, all of them.
    case streams
}

/// For how long data is kept, and after which time it no longer names anybody. Nothing is deleted unless it is said here.
///
///     {"events":{"anonymise_after_days":90,"delete_after_days":400},"refused":{"delete_after_days":90}}
public struct RetentionPolicy: Hashable, Sendable {
    /// The limits of one table, in whole days.
    public struct Limits: Codable, Hashable, Sendable {
        /// How old a row must be to be deleted; nil for never.
        public var deleteAfterDays: Int?
        /// How old an event must be to be made anonymous; nil for never.
        public var anonymiseAfterDays: Int?

        enum CodingKeys: String, CodingKey {
            case deleteAfterDays = "delete_after_days"
            case anonymiseAfterDays = "anonymise_after_days"
        }

        /// Reads limits; what is not known is refused, since a misspelt limit would be none.
        public init(from decoder: any Decoder) throws {
            let members = try decoder.singleValueContainer().decode([String: Int?].self)
            if let wrong = members.keys.sorted().first(where: { CodingKeys(rawValue: $0) == nil }) {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "'\(wrong)' is no limit"))
            }
            deleteAfterDays = members[CodingKeys.deleteAfterDays.rawValue] ?? nil
            anonymiseAfterDays = members[CodingKeys.anonymiseAfterDays.rawValue] ?? nil
        }

        /// Limits.
        public init(deleteAfterDays: Int? = nil, anonymiseAfterDays: Int? = nil) {
            (self.deleteAfterDays, self.anonymiseAfterDays) = (deleteAfterDays, anonymiseAfterDays)
        }
    }

    /// The longest limit, a hundred years.
    public static let longest = 36_500

    private var limits: [RetentionTable: Limits] = [:]

    /// Everything is kept.
    public init() {}

    /// The limits of a table.
    public subscript(table: RetentionTable) -> Limits {
        get { limits[table] ?? Limits() }
        set { limits[table] = newValue == Limits() ? nil : newValue }
    }

    /// Whether everything is kept as it is.
    public var isEmpty: Bool { limits.isEmpty }

    /// After how many days rows are deleted; nil for never. A message goes with its last event at the latest.
    public func deleteAfterDays(_ table: RetentionTable) -> Int? {
        let own = self[table].deleteAfterDays
        guard table == .messages, let events = self[.events].deleteAfterDays else { return own }
        return min(own ?? events, events)
    }

    /// - Throws: ``Failure`` of kind usage where limits contradict each other, with what to do.
    public func check() throws(Failure) {
        for (table, limits) in limits {
            for days in [limits.deleteAfterDays, limits.anonymiseAfterDays].compactMap({ $0 })
            where !(1...Self.longest).contains(days) {
                throw Failure(
                    .usage, "\(table.rawValue): \(days) days is no limit; give 1 to \(Self.longest) days")
            }
            guard limits.anonymiseAfterDays == nil || table == .events else {
                throw Failure(.usage, Self.cannotAnonymise(table))
            }
        }
        try checkAnonymity()
        if let own = self[.messages].deleteAfterDays, let events = self[.events].deleteAfterDays, own > events
        {
            throw Failure(
                .usage,
                "messages follow from events, which go after \(events) days, so they cannot be kept for \(own); "
                    + "keep events as long, or messages no longer")
        }
    }

    private func checkAnonymity() throws(Failure) {
        guard let days = self[.events].anonymiseAfterDays else { return }
        if let end = self[.events].deleteAfterDays, end <= days {
            throw Failure(
                .usage,
                "events are deleted after \(end) days, so there is nothing to make anonymous after \(days); "
                    + "make them anonymous earlier, or keep them longer")
        }
        guard let refused = self[.refused].deleteAfterDays, refused <= days else {
            throw Failure(
                .usage,
                "what could not be read cannot be made anonymous, so refused records must go when events are made "
                    + "anonymous; first run: sesame retention set refused --delete-after \(days)d")
        }
    }

    private static func cannotAnonymise(_ table: RetentionTable) -> String {
        switch table {
        case .raw, .messages:
            "\(table.rawValue) is made anonymous together with events; set it there: sesame retention set events --anonymise-after DAYS"
        case .refused:
            "what could not be read cannot be made anonymous; delete it: sesame retention set refused --delete-after DAYS"
        case .streams, .events:
            "Sesame does not know which columns of a stream name a person; delete its rows: sesame retention set streams --delete-after DAYS"
        }
    }

    /// What somebody who sets this should know, a sentence each.
    public var remarks: [String] {
        var remarks: [String] = []
        if let days = self[.events].anonymiseAfterDays {
            remarks.append(
                "raw and messages are made anonymous with events; what is in raw and is no event goes from it after \(days)d"
            )
        }
        if let events = self[.events].deleteAfterDays, self[.raw].deleteAfterDays.map({ $0 > events }) ?? true
        {
            remarks.append(
                "raw keeps the bytes of events after the events are deleted; sesame retention set raw --delete-after \(events)d ends that"
            )
        }
        if let raw = self[.raw].deleteAfterDays, self[.events].deleteAfterDays.map({ $0 > raw }) ?? true {
            remarks.append(
                "once raw bytes are gone, events can no longer be made anew from them: lake rebuild is refused"
            )
        }
        return remarks
    }
}

extension RetentionPolicy: Codable {
    /// Reads it as it is written.
    public init(from decoder: any Decoder) throws {
        limits = try decoder.singleValueContainer().decode([RetentionTable: Limits].self)
    }

    /// Writes an object with a member for each table that has limits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(limits)
    }
}
