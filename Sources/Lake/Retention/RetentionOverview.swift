import Foundation
import Primitives

/// How long data is kept, what that means today, and what was done last; as the command line and the API show it.
///
///     {"policy":{"events":{"anonymise_after_days":90}},"due":{"events":{"anonymise_before":"2026-08-23"}},
///      "remarks":[],"last_run":{…}}
public struct RetentionOverview: Encodable, Sendable {
    /// The days before which one table's data is due.
    public struct Due: Encodable, Sendable {
        /// Rows of days before it go.
        public var deleteBefore: String?
        /// Events of days before it are made anonymous.
        public var anonymiseBefore: String?

        enum CodingKeys: String, CodingKey {
            case deleteBefore = "delete_before"
            case anonymiseBefore = "anonymise_before"
        }
    }

    /// The limits.
    public var policy: RetentionPolicy
    /// What is due now, for each table with limits.
    public var due: [RetentionTable: Due] = [:]
    /// What one should know about the limits.
    public var remarks: [String]
    /// The last run that came to its end.
    public var lastRun: RetentionReport?

    enum CodingKeys: String, CodingKey {
        case policy, due, remarks
        case lastRun = "last_run"
    }

    /// What a policy means at a moment.
    public init(_ policy: RetentionPolicy, _ state: RetentionState, at now: Timestamp = .now) {
        (self.policy, remarks, lastRun) = (policy, policy.remarks, state.lastRun)
        let horizons = policy.horizons(at: now)
        for table in RetentionTable.allCases {
            let follows = [.raw, .events, .messages].contains(table)
            let due = Due(
                deleteBefore: horizons.deletion[table]?.iso8601,
                anonymiseBefore: follows ? horizons.anonymity?.iso8601 : nil)
            if due.deleteBefore != nil || due.anonymiseBefore != nil { self.due[table] = due }
        }
    }

    /// As JSON with sorted keys.
    public var json: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }
}
