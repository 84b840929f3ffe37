import DuckDB
import Foundation
import Primitives

extension EventLake {
    /// Where a list of refused records goes on.
    public struct RefusedCursor: Sendable, Equatable {
        var refusedAt: Timestamp
        var id: String

        /// The place behind a record.
        public init(after record: KeptRefusal) { (refusedAt, id) = (record.event.refusedAt, record.id) }

        /// The place that ``text`` tells; nil if it tells none.
        public init?(_ text: String) {
            let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let time = Int64(parts[0]), parts[1].utf8.count <= 32 else { return nil }
            (refusedAt, id) = (Timestamp(microseconds: time), String(parts[1]))
        }

        /// The place in a form for links.
        public var text: String { "\(refusedAt.microseconds)-\(id)" }
    }

    /// The newest refused records first, without their bytes.
    public func refusedRecords(_ filter: RefusedFilter, limit: Int, after: RefusedCursor? = nil)
        async throws -> [KeptRefusal]
    {
        var (condition, parameters) = filter.condition
        if let after {
            condition += " AND (refused_at < ? OR refused_at = ? AND refused_id > ?)"
            parameters += [.timestamp(after.refusedAt), .timestamp(after.refusedAt), .text(after.id)]
        }
        return try await connection.rows(
            """
            SELECT \(Self.place), NULL FROM \(try await refusedRelation()) WHERE \(condition)
            ORDER BY refused_at DESC, refused_id LIMIT \(limit)
            """, parameters
        ).compactMap(KeptRefusal.init)
    }

    /// How many records were refused, by source and reason, the most first.
    public func refusedCounts(_ filter: RefusedFilter) async throws -> [RefusedCount] {
        let (condition, parameters) = filter.condition
        return try await connection.rows(
            """
            SELECT coalesce(source_name, ''), coalesce(reason, ''), count(*), max(refused_at)
            FROM \(try await refusedRelation())
            WHERE \(condition) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """, parameters
        ).compactMap { row in
            guard let source = row[0].text, let reason = row[1].text, let count = row[2].integer,
                let newest = row[3].timestamp
            else { return nil }
            return RefusedCount(source: source, reason: reason, count: Int(count), newest: newest)
        }
    }

    /// One refused record with its bytes.
    ///
    /// - Throws: ``Failure`` of kind notFound, or usage where the id is no beginning of one, or of several.
    public func refusedRecord(_ id: String) async throws -> KeptRefusal {
        let (condition, parameters) = try RefusedFilter(ids: [id]).condition
        let found = try await connection.rows(
            "SELECT \(Self.place), body FROM \(try await refusedRelation()) WHERE \(condition) LIMIT 2",
            parameters
        ).compactMap(KeptRefusal.init)
        guard let record = found.first else {
            throw Failure(
                .notFound,
                "no refused record has the id '\(id)'; it may have been replayed; sesame refused list shows those there are"
            )
        }
        guard found.count == 1 else {
            throw Failure(.usage, "several refused records have ids that begin with '\(id)'; give more of it")
        }
        return record
    }

    /// Refused records with their bytes in the order of their ids, a bounded number of them.
    ///
    /// - Parameters:
    ///   - after: the id after which to go on; nil for the beginning.
    ///   - records: the most records.
    ///   - bytes: about the most bytes that they have in all, kept or not; one record may exceed it.
    /// - Returns: the records, and the id after which there may be more; nil if there are none.
    public func refusedPage(_ filter: RefusedFilter, after: String?, records: Int, bytes: Int64)
        async throws -> (records: [KeptRefusal], next: String?)
    {
        var (condition, parameters) = filter.condition
        if let after {
            condition += " AND refused_id > ?"
            parameters.append(.text(after))
        }
        let relation = try await refusedRelation()
        // Ids first: sorting them costs little, and only the bodies of one page are ever in memory.
        let sizes = try await connection.rows(
            """
            SELECT refused_id, coalesce(byte_count, 0) FROM \(relation) WHERE \(condition)
            ORDER BY refused_id LIMIT \(records + 1)
            """, parameters)
        var (ids, sum) = ([String](), Int64(0))
        for row in sizes {
            guard let id = row[0].text, let size = row[1].integer else { continue }
            sum += max(0, size)
            if ids.count == records || sum > bytes && !ids.isEmpty { break }
            ids.append(id)
        }
        guard let last = ids.last else { return ([], nil) }
        let found = try await connection.rows(
            """
            SELECT \(Self.place), body FROM \(relation) WHERE refused_id IN (SELECT unnest(?)) ORDER BY refused_id
            """, [.list(ids.map { .text($0) })]
        ).compactMap(KeptRefusal.init)
        return (found, ids.count < sizes.count ? last : nil)
    }

    /// Takes records out of `refused`. Only for the holder of the ``WriterLock``, after their events are safe elsewhere.
    ///
    /// - Returns: how many were there.
    @discardableResult
    public func deleteRefused(_ ids: [String]) async throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let list = SQL.list(ids)
        return Int(
            try await refused.deleteRows(
                matching: "refused_id IN (SELECT unnest(\(list)))", orderBy: ["refused_at"]))
    }

    private static let place =
        "refused_id, refused_at, source_name, origin, byte_offset, line, reason, byte_count"
}

extension KeptRefusal {
    /// A row of id, time, source, origin, offset, line, reason, count and bytes.
    fileprivate init?(_ row: [Value]) {
        guard let id = row[0].text, let time = row[1].timestamp else { return nil }
        var bytes: [UInt8] = []
        if case .blob(let blob) = row[8] { bytes = blob }
        self.init(
            id: id,
            event: RefusedEvent(
                refusedAt: time, sourceName: row[2].text ?? "", origin: row[3].text ?? "",
                byteOffset: Int(row[4].integer ?? 0), line: Int(row[5].integer ?? 0),
                reason: row[6].text ?? "",
                bytes: bytes, byteCount: Int(row[7].integer ?? Int64(bytes.count))))
    }
}
