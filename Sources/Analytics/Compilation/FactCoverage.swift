import Primitives

/// Which facts were made beforehand, and lie in the table `_facts`; the others are made of `events`.
///
/// An event is covered or it is not, with all of its facts: coverage goes by time.
public struct FactCoverage: Sendable, Hashable {
    /// Whether `_facts` has files.
    public var hasFiles: Bool
    /// The times of events that are not covered, closed at the beginning and open at the end, in their order; nil where none is covered.
    public var rest: [Range<Timestamp>]?
    /// The times of facts whose repeats are not in the table `_repeats`, closed at the beginning and open at the end, in their order; nil where
    /// there is no such table.
    public var unlinked: [Range<Timestamp>]?

    /// Coverage of all times but `rest`, and of their repeats but those of `unlinked`.
    public init(hasFiles: Bool, rest: [Range<Timestamp>]?, unlinked: [Range<Timestamp>]? = nil) {
        (self.hasFiles, self.rest, self.unlinked) = (hasFiles, rest, unlinked)
    }

    /// All facts are made of `events`.
    public static let none = FactCoverage(hasFiles: false, rest: nil)

    /// Whether an event can be uncovered.
    var hasRest: Bool { rest?.isEmpty != true }

    /// Of so many microseconds at most all facts are kept in memory: a few hours.
    var longestShared: Int64 = 6 * 3_600_000_000

    /// Whether the facts that are not covered are made once for a statement, and not anew for each of its parts: on a server these are
    /// of the hour that is running.
    var isRestShared: Bool {
        guard hasFiles, let rest, !rest.isEmpty else { return false }
        return rest.reduce(0) { $0 + $1.upperBound.microseconds - $1.lowerBound.microseconds }
            <= longestShared
    }

    /// Of the facts that were made beforehand those among which unlinked ones are, as ``FactsSQL/madeBefore`` has it: none as a rule, since what
    /// was not made beforehand has no repeats, and no more than that.
    var unlinkedMadeBefore: [String]? { unlinked == rest ? [] : nil }

    /// SQL of whether an event is uncovered.
    ///
    /// - Parameter margin: microseconds around the times that count as well.
    func condition(margin: Int64 = 0) -> String {
        rest.map { Self.condition($0, margin: margin) } ?? "true"
    }

    /// SQL of whether an event is of one of some times, closed at the beginning and open at the end.
    static func condition(_ times: [Range<Timestamp>], margin: Int64 = 0) -> String {
        let parts = times.map {
            "(\(FactScope.time("event_at", $0.lowerBound.moved(by: -margin), $0.upperBound.moved(by: margin))))"
        }
        return parts.isEmpty ? "false" : parts.count == 1 ? parts[0] : "(\(parts.joined(separator: " OR ")))"
    }
}
