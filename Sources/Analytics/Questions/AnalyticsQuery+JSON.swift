import Foundation

extension AnalyticsQuery: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case metrics, dimensions, filters, having, compare, order, limit, offset, join
        case dateRange = "date_range"
        case timeZone = "time_zone"
        case timeBasis = "time_basis"
        case representativeVolume = "representative_volume"
    }

    /// Reads a query's JSON.
    public static func decode(_ json: some Sequence<UInt8>) throws(AnalyticsError) -> AnalyticsQuery {
        do { return try JSONDecoder().decode(AnalyticsQuery.self, from: Data(json)) } catch let error
            as AnalyticsError
        {
            throw error
        } catch let DecodingError.typeMismatch(type, context) {
            throw AnalyticsError(
                .badValue, at: AnalyticsError.pointer(context.codingPath),
                "a value of another type is wanted: \(wanted(type))")
        } catch let DecodingError.valueNotFound(type, context) {
            throw AnalyticsError(
                .badValue, at: AnalyticsError.pointer(context.codingPath),
                "a value is wanted: \(wanted(type))")
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            throw AnalyticsError(
                .badValue, at: AnalyticsError.pointer(context.codingPath),
                "the value cannot be read: a number is out of bounds, or it is no UTF-8")
        } catch {
            throw AnalyticsError(
                .notJSON, at: "", "the query is no JSON object",
                hint: #"send for example {"metrics":["sends"],"dimensions":["day"],"date_range":"7d"}"#)
        }
    }

    private static func wanted(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Int.Type: "a whole number"
        case is [String: Any].Type: "an object"
        case is [Any].Type: "a list"
        default: "an object or a list"
        }
    }

    /// Reads a query.
    ///
    /// - Throws: ``AnalyticsError``, or `DecodingError` for a value of another type.
    public init(from decoder: any Decoder) throws {
        let members = try KnownMembers<Key>(decoder, of: "a query")
        let container = members.container
        func number(_ key: Key, _ range: ClosedRange<Int>, else standard: Int) throws -> Int {
            guard let number = try container.decodeIfPresent(Int.self, forKey: key) else { return standard }
            guard range.contains(number) else {
                throw members.error(
                    .badValue, key,
                    "\(key.rawValue) is a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        self.init(metrics: try container.decodeIfPresent([String].self, forKey: .metrics) ?? [])
        dimensions = try container.decodeIfPresent([String].self, forKey: .dimensions) ?? []
        filters = try Self.filters(members, .filters)
        having = try Self.filters(members, .having)
        dateRange = try container.decodeIfPresent(DateRange.self, forKey: .dateRange) ?? dateRange
        timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone) ?? timeZone
        if let basis = try container.decodeIfPresent(String.self, forKey: .timeBasis) {
            guard let known = TimeBasis(rawValue: basis) else {
                throw members.error(.badValue, .timeBasis, "time_basis is event or sent")
            }
            timeBasis = known
        }
        compare = try container.decodeIfPresent(Comparison.self, forKey: .compare)
        order = (try container.decodeIfPresent([String].self, forKey: .order) ?? []).map(Order.init)
        limit = try number(.limit, 1...Self.mostRows, else: limit)
        offset = try number(.offset, 0...1_000_000_000, else: 0)
        representativeVolume = try number(.representativeVolume, 100...10_000_000, else: representativeVolume)
        let joins = try container.decodeIfPresent([String: [String: String]].self, forKey: .join) ?? [:]
        join = try joins.mapValues { columns in
            guard columns.count == 1, let (key, column) = columns.first, let known = Join.Key(rawValue: key)
            else {
                throw members.error(
                    .badValue, .join, "a join names one key and one column of the dataset",
                    hint: #"for example {"orders":{"recipient":"email"}}; the keys are recipient and message"#
                )
            }
            return Join(known, column)
        }
    }

    private static func filters(_ members: KnownMembers<Key>, _ key: Key) throws -> [AnalyticsFilter] {
        guard members.given.contains(key) else { return [] }
        if (try? members.container.nestedUnkeyedContainer(forKey: key)) != nil {
            return try members.container.decode([AnalyticsFilter].self, forKey: key)
        }
        return try members.container.decodeIfPresent(AnalyticsFilter.self, forKey: key).map { [$0] } ?? []
    }

    /// Writes a query as it is read.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(metrics, forKey: .metrics)
        try container.encode(dimensions, forKey: .dimensions)
        try container.encode(filters, forKey: .filters)
        try container.encode(having, forKey: .having)
        try container.encode(dateRange, forKey: .dateRange)
        try container.encode(timeZone, forKey: .timeZone)
        try container.encode(timeBasis, forKey: .timeBasis)
        try container.encodeIfPresent(compare, forKey: .compare)
        try container.encode(order.map(\.text), forKey: .order)
        try container.encode(limit, forKey: .limit)
        try container.encode(offset, forKey: .offset)
        try container.encode(join.mapValues { [$0.key.rawValue: $0.column] }, forKey: .join)
        try container.encode(representativeVolume, forKey: .representativeVolume)
    }
}
