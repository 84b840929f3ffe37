/// A number that Sesame counts, and all that is to be said of it: said once, so that it is the same number on a page, in the
/// API, in CSV, on the command line and in the docs.
///
/// What is counted is a *mail*, a message to one recipient, as AWS does for quotas and rates; where a metric counts something
/// else, its words say so. See `docs/decisions/0018-how-a-metric-is-counted.md`.
public struct Metric: Sendable {
    /// What its values are.
    public enum Unit: String, Sendable, CaseIterable {
        /// A whole number.
        case count
        /// A part of one: 0.05 is 5 %.
        case ratio
        /// Milliseconds.
        case milliseconds
        /// How many on average.
        case average
    }

    /// Where it should go.
    public enum Direction: String, Sendable, CaseIterable {
        /// More is better.
        case up
        /// Less is better.
        case down
        /// Neither.
        case neutral
    }

    /// The name in queries.
    public let name: String
    /// The name for people.
    public let title: String
    /// What it is, in a sentence.
    public let meaning: String
    /// How it is computed, in words or of other metrics' names.
    public let formula: String
    /// What its values are.
    public let unit: Unit
    /// What is left out of it that one might expect in it; nil where nothing is.
    public let leftOut: String?
    /// Where it should go.
    public let goodDirection: Direction
    let measure: Measure

    /// The metric above the fraction line; nil where it is no ratio.
    public var numerator: String? { if case .ratio(let above, _) = measure { above } else { nil } }
    /// The metric below the fraction line; nil where it is no ratio.
    public var denominator: String? { if case .ratio(_, let below) = measure { below } else { nil } }

    /// The metric that says how large the sample is; nil for plain counts, which have none.
    public var sample: String? {
        switch measure {
        case .ratio(_, let below): below
        case .quantile(_, _, _, let sample): sample
        default: nil
        }
    }

    /// The sample below which a value is marked as too small to lean on: one mail more or less would move a rate by a per cent.
    public static let smallSample = 100

    /// A metric of its own.
    init(
        _ name: String, _ title: String, _ meaning: String, formula: String, unit: Unit = .count,
        leftOut: String? = nil, good: Direction = .neutral, _ measure: Measure
    ) {
        (self.name, self.title, self.meaning, self.formula) = (name, title, meaning, formula)
        (self.unit, self.leftOut, goodDirection, self.measure) = (unit, leftOut, good, measure)
    }

    /// A metric that is one metric for each of another.
    init(
        _ name: String, _ title: String, _ meaning: String, _ above: String, per below: String,
        unit: Unit = .ratio, leftOut: String? = nil, good: Direction
    ) {
        self.init(
            name, title, meaning, formula: "`\(above)` / `\(below)`", unit: unit, leftOut: leftOut,
            good: good,
            .ratio(above, below))
    }
}

/// How a metric is counted over facts: rows of `events`, one for each recipient that an event is about; see ``FactsSQL``.
enum Measure: Sendable {
    /// Facts.
    case mails(EventCondition)
    /// Events: one that is about several recipients counts once.
    case events(EventCondition)
    /// Different values of something.
    case distinct(Key, EventCondition)
    /// A percentile of SQL over facts of 0 and more, with three significant digits, between two values where it falls there; `sample` is the metric
    /// that says of how many. See ``Percentiles``.
    case quantile(Double, of: String, EventCondition, sample: String)
    /// Mails of a representative volume; see ``RepresentativeSQL``.
    case representative(RepresentativeCount)
    /// One metric divided by another; null where the other is 0.
    case ratio(String, String)
    /// One metric less another, and no less than 0.
    case difference(String, String)

    /// What is told apart.
    enum Key: Sendable {
        /// Message and recipient. What several recipients share, such as an open, is one more.
        case mail
        /// The address.
        case recipient
        /// The message.
        case message
        /// The sender.
        case sender
    }
}

/// What is counted of a representative volume.
enum RepresentativeCount: String, Sendable, CaseIterable {
    case volume, bounces, complaints
}

/// Which facts count.
struct EventCondition: Sendable {
    /// Event types; none is all.
    var types: [String]
    /// SQL over the columns of facts; nil where the type says all.
    var condition: String?
    /// What the condition needs besides the event.
    var needs: Set<FactNeed>

    init(_ types: String..., where condition: String? = nil, needs: Set<FactNeed> = []) {
        (self.types, self.condition, self.needs) = (types, condition, needs)
    }
}

/// What facts hold beside the columns of `events`, where it is asked for.
enum FactNeed: Hashable, Sendable {
    /// `is_machine` and `machine_rule` as an event's neighbours speak, too.
    case verdict
    /// The subject of a message whose Send has none.
    case subject
    /// What became of the mail since: `has_outcome`, `is_answered`.
    case outcome
    /// What happened to the mail at any time: `was_…`.
    case history
    /// The same of opens and clicks by people.
    case personHistory
    /// When a person opened the mail first since it was sent.
    case opening

    /// What has to be found out of other events of the mail.
    static let ofFates: Set = [FactNeed.outcome, .history, .personHistory, .opening]
}
