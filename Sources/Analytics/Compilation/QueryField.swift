import Primitives

/// A dimension as a query names it, resolved.
struct QueryField: Sendable {
    /// The name in the query, and of its column.
    let reference: String
    let dimension: Dimension
    /// What `tag:` and the like stand before; a dataset's column.
    var entry: String?
    /// The dataset.
    var dataset: String?

    /// What facts have to hold for it.
    var needs: Set<FactNeed> { if case .fact(_, let needs) = dimension.source { needs } else { [] } }

    /// The span of time, where it is one.
    var span: TimeSpan? { if case .span(let span) = dimension.source { span } else { nil } }

    /// Whether rows stand in the order of this field by themselves.
    var isTime: Bool {
        switch dimension.source {
        case .span, .local: true
        default: false
        }
    }

    /// Resolves a name.
    ///
    /// - Throws: ``AnalyticsError``, at `pointer`.
    init(_ reference: String, in query: AnalyticsQuery, at pointer: String) throws(AnalyticsError) {
        self.reference = reference
        guard reference.utf8.count <= 300, !reference.utf8.contains(0) else {
            throw AnalyticsError(
                .unknownDimension, at: pointer, "a dimension's name is 300 bytes at most, without U+0000")
        }
        if let dimension = Dimension.named(reference), !reference.contains(":"), !reference.contains(".") {
            self.dimension = dimension
            return
        }
        if let (kind, name) = Self.cut(reference, at: ":"), let dimension = Dimension.named("\(kind):NAME") {
            self.dimension = dimension
            entry = name
            return
        }
        if let (dataset, column) = Self.cut(reference, at: "."), !dataset.contains(":"),
            let dimension = Dimension.named("DATASET.COLUMN")
        {
            guard query.join[dataset] != nil else {
                throw AnalyticsError(
                    .badDataset, at: pointer, "'\(dataset)' is not joined",
                    hint: #"add "join": {"\#(dataset)": {"recipient": "COLUMN"}} or {"message": "COLUMN"}"#)
            }
            self.dimension = dimension
            (self.dataset, entry) = (dataset, column)
            return
        }
        throw AnalyticsError(
            .unknownDimension, at: pointer, "there is no dimension '\(reference)'",
            hint: AnalyticsError.hint(
                for: reference, among: Dimension.all.map(\.name),
                see: "sesame metrics --dimensions and GET /api/v1/dimensions list them"))
    }

    /// What stands before and behind a sign, if there is something; by scalars, for a mark may cling to the sign.
    private static func cut(_ text: String, at sign: Unicode.Scalar) -> (String, String)? {
        let scalars = text.unicodeScalars
        guard let place = scalars.firstIndex(of: sign) else { return nil }
        let (before, behind) = (String(scalars[..<place]), String(scalars[scalars.index(after: place)...]))
        return before.isEmpty || behind.isEmpty ? nil : (before, behind)
    }

    /// A tag that is a column of its own is read there.
    private static func named(_ sql: String) -> String { sql == FactsSQL.campaign ? "campaign" : sql }

    /// The value as SQL over facts.
    func sql(_ clock: FactClock) -> String {
        switch dimension.source {
        case .fact(let column, _): column
        case .entry(let template): Self.named(template.replacing("$name", with: SQL.value(entry ?? "")))
        case .local(let template): template.replacing("$local", with: clock.local)
        case .span(let span): clock.beginning(of: span)
        case .dataset: SQL.identifier(reference)
        }
    }
}

/// How the time of a fact is read: which time, by whose clocks, and moved to the span it is compared with.
struct FactClock: Sendable {
    /// The column.
    var column: String
    let clock: LocalClock
    /// The beginnings of this span and of the one that it is compared with; nil where it is not.
    var moved: Moved?

    struct Moved: Sendable {
        /// Local times as SQL's TIMESTAMP, and the distance in microseconds.
        var from: String
        var to: String
        var distance: Int64
    }

    /// The local time of a fact.
    var local: String { local(column) }

    private func local(_ time: String) -> String { clock.local(time) }

    /// Where a span of time begins. What is compared falls into the span with the same number from the beginning.
    func beginning(of span: TimeSpan) -> String {
        if let length = span.microseconds {
            let time = moved.map { "(\(column) + to_microseconds(\($0.distance)))" } ?? column
            // Between two clocks an hour may begin at half past.
            return "make_timestamptz(epoch_us(\(time)) - epoch_us(\(local(time))) % \(length))"
        }
        guard let moved else { return "CAST(date_trunc('\(span)', \(local)) AS DATE)" }
        let count = "CAST(date_diff('\(span)', TIMESTAMP '\(moved.from)', \(local)) AS INTEGER)"
        let steps =
            switch span {
            case .halfHour, .hour, .day: "to_days(\(count))"
            // date_diff counts whole weeks, and not Mondays.
            case .week:
                "to_days(CAST(date_diff('day', date_trunc('week', TIMESTAMP '\(moved.from)'), date_trunc('week', \(local))) AS INTEGER))"
            case .month: "to_months(\(count))"
            case .quarter: "to_months(3 * \(count))"
            case .year: "to_years(\(count))"
            }
        return "CAST(date_trunc('\(span)', TIMESTAMP '\(moved.to)') + \(steps) AS DATE)"
    }
}
