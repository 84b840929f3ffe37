import DuckDB
import Primitives

/// Which refused records are meant; those for which all that is given holds.
public struct RefusedFilter: Sendable, Equatable {
    /// Their ids, or the first characters of them; none for any.
    public var ids: [String]
    /// Their source.
    public var source: String?
    /// A part of the reason, in any case.
    public var reason: String?
    /// Those that were refused then or later.
    public var since: Timestamp?

    /// The fewest characters of an id.
    public static let shortestID = 6

    /// A filter.
    ///
    /// - Throws: ``Failure`` of kind usage for what is no beginning of an id.
    public init(
        ids: [String] = [], source: String? = nil, reason: String? = nil, since: Timestamp? = nil
    ) throws(Failure) {
        for id in ids {
            let isHex = id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
            guard isHex, (Self.shortestID...32).contains(id.utf8.count) else {
                throw Failure(
                    .usage,
                    "'\(id.prefix(40))' is no id of a refused record; copy \(Self.shortestID) of its characters or more from: "
                        + "sesame refused list")
            }
        }
        self.ids = ids.map { $0.lowercased() }
        (self.source, self.reason, self.since) = (source, reason, since)
    }

    /// SQL that holds for the records, and what its parameters are.
    var condition: (sql: String, parameters: [Value]) {
        var (parts, parameters) = (["true"], [Value]())
        if !ids.isEmpty {
            parts.append(
                "(" + ids.map { _ in "starts_with(refused_id, ?)" }.joined(separator: " OR ") + ")")
            parameters += ids.map { .text($0) }
        }
        if let source {
            parts.append("source_name = ?")
            parameters.append(.text(source))
        }
        if let reason {
            parts.append("contains(lower(reason), lower(?))")
            parameters.append(.text(reason))
        }
        if let since {
            parts.append("refused_at >= ?")
            parameters.append(.timestamp(since))
        }
        return (parts.joined(separator: " AND "), parameters)
    }
}

/// A refused record as the lake keeps it.
public struct KeptRefusal: Sendable, Equatable {
    /// Its id: 32 hexadecimal digits.
    public var id: String
    /// What it is; without its bytes in lists.
    public var event: RefusedEvent
}

/// How many records a source brought that were refused for one reason.
public struct RefusedCount: Sendable, Equatable {
    /// The source.
    public var source: String
    /// The reason.
    public var reason: String
    /// Records.
    public var count: Int
    /// When the newest was refused.
    public var newest: Timestamp
}
