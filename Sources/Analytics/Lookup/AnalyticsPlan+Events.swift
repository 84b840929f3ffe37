import Primitives
import SESEvents

/// Where a page of events begins: behind an event and, of its recipients, behind one.
///
/// As text: microseconds, the event's id, and a hash of the recipient, with points between them.
public struct EventCursor: Sendable {
    let text: String

    /// Reads a cursor.
    ///
    /// - Throws: ``AnalyticsError`` for a text that is none.
    public init(_ text: String) throws(AnalyticsError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.dropFirst().allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) }
        guard parts.count == 3, Int64(parts[0]) != nil, isPlain else { throw AnalyticsError.badCursor }
        self.text = text
    }

    /// SQL of the rows behind it.
    fileprivate var condition: String {
        let parts = text.split(separator: ".").map(String.init)
        let time = "make_timestamptz(\(parts[0]))"
        return
            "event_at <= \(time) AND (epoch_us(event_at), event_id, \(Self.person)) < (\(parts[0]), \(SQL.literal(parts[1])), \(SQL.literal(parts[2])))"
    }

    fileprivate static let person = "md5(coalesce(recipient, ''))"
    fileprivate static let sql = "epoch_us(event_at) || '.' || event_id || '.' || \(person)"
}

extension AnalyticsPlan {
    /// The events behind the query's numbers, newest first: those that one of its metrics counts at least.
    ///
    /// A rate's are those above its line, a difference's those that something is taken off. An event that is about several recipients is there for each, as metrics count it.
    ///
    /// - Throws: ``AnalyticsError``, also for a query with dimensions or a comparison, which have no events of their own.
    public func events(columns: [String: [String]], after cursor: EventCursor? = nil) throws(AnalyticsError)
        -> Lookup
    {
        guard query.dimensions.isEmpty, query.compare == nil else {
            throw AnalyticsError(
                .badValue, at: query.dimensions.isEmpty ? "/compare" : "/dimensions",
                "events are not grouped or compared", hint: "put the values into filters")
        }
        let conditions = counted
        var plan = self
        let types = conditions.contains { $0.types.isEmpty } ? [] : Set(conditions.flatMap(\.types))
        plan.needs.formUnion(conditions.flatMap(\.needs))
        // What the rows say of machines is what metrics count by.
        if types.isEmpty || !types.isDisjoint(with: ["Open", "Click"]) { plan.needs.insert(.verdict) }
        return try plan.listed(conditions, types, columns, cursor)
    }

    private func listed(
        _ conditions: [EventCondition], _ types: Set<String>, _ columns: [String: [String]],
        _ cursor: EventCursor?
    ) throws(AnalyticsError) -> Lookup {
        try checkDatasets(columns)
        let clock = clock(0)
        let filter = try FilterSQL { (name, pointer) throws(AnalyticsError) in
            let field = try QueryField(name, in: query, at: pointer)
            return (field.sql(clock), field.dimension.type)
        }.sql(query.filters, at: "/filters")
        let isCounted =
            conditions.isEmpty ? "true" : conditions.map { "(\($0.sql ?? "true"))" }.joined(separator: " OR ")
        let facts = enriched(FactScope(span, self, types: types), isWhole: true)
        let sql = """
            WITH \(try shared(by: facts))_listed AS (
                SELECT *, \(EventCursor.sql) AS cursor FROM (\(facts))
                WHERE (\(withDue(isCounted))) AND \(filter) AND \(cursor?.condition ?? "true")
                ORDER BY epoch_us(event_at) DESC, event_id DESC, \(EventCursor.person) DESC LIMIT \(query.limit)
            )
            SELECT \(Self.listedColumns), cursor FROM _listed
            ORDER BY epoch_us(event_at) DESC, event_id DESC, \(EventCursor.person) DESC
            """
        // Facts that were made beforehand lack what a list shows.
        return Lookup(
            sql,
            reads: reads.map { read in
                var read = read
                read.takesFacts = false
                return read
            })
    }

    /// What the query's metrics count; none where they count everything.
    private var counted: [EventCondition] {
        func conditions(_ metric: Metric) -> [EventCondition] {
            switch metric.measure {
            case .mails(let condition), .events(let condition), .distinct(_, let condition),
                .quantile(_, _, let condition, _):
                [condition]
            case .ratio(let above, _): Metric.named(above).map(conditions) ?? []
            case .difference(let one, _): Metric.named(one).map(conditions) ?? []
            case .representative(.volume): Metric.named("eligible_sends").map(conditions) ?? []
            case .representative(.bounces): Metric.named("counted_bounces").map(conditions) ?? []
            case .representative(.complaints): Metric.named("counted_complaints").map(conditions) ?? []
            }
        }
        return metrics.flatMap(conditions)
    }

    private static let listedColumns = """
        event_id, event_at, event_type, message_id, recipient, subject, sender, configuration_set, isp, \
        bounce_type, bounce_subtype, diagnostic_class, \(DiagnosticClasses.reply) AS reply, \
        link, user_agent, client_name, ip_address, is_machine, machine_rule, \(EventWording.says) AS says
        """
}
