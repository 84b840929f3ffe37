extension Metric {
    /// All metrics by topic, in the order in which they are shown.
    public static let topics: [(title: String, metrics: [Metric])] = [
        ("Volume", volume), ("Reputation", reputation), ("Time and delays", timing),
        ("Engagement", engagement),
        ("Intake", intake),
    ]

    /// All metrics.
    public static let all = topics.flatMap(\.metrics)

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The metric of a name; nil if there is none.
    public static func named(_ name: String) -> Metric? { byName[name] }

    /// The metrics that this one is computed of, itself included where it is counted and not computed.
    var parts: [Metric] {
        switch measure {
        case .ratio(let one, let other), .difference(let one, let other):
            [one, other].compactMap(Metric.named).flatMap(\.parts)
        default: [self]
        }
    }

    /// Whether it is computed of others.
    var isComputed: Bool { numerator != nil || isDifference }

    private var isDifference: Bool { if case .difference = measure { true } else { false } }

    /// The facts that count; nil for what is computed, and for what is not counted over facts.
    var condition: EventCondition? {
        switch measure {
        case .mails(let condition), .events(let condition), .distinct(_, let condition),
            .quantile(_, _, let condition, _):
            condition
        case .representative, .ratio, .difference: nil
        }
    }
}
