import Primitives

/// A table that a plan reads, and of which time: files that have nothing of it need not be opened.
public struct TableRead: Hashable, Sendable {
    /// The table or dataset.
    public var table: String
    /// The column of the time; nil where all rows are wanted.
    public var timeColumn: String?
    /// No row before it is wanted.
    public var from: Timestamp?
    /// No row after it is wanted.
    public var through: Timestamp?
    /// The spans of time in which all rows wanted lie, instead of `from` and `through`; nil where these say all.
    public var spans: [ClosedRange<Timestamp>]?
    /// The message that is wanted alone; nil for all.
    public var messageID: String?
    /// Whether facts that were made beforehand do as well; see ``FactCoverage``.
    public var takesFacts = false
}

extension AnalyticsPlan {
    /// SES tracks opens and clicks for 60 days: what happened to a mail lies so far back at most.
    static let memory: Int64 = 61 * 86_400_000_000

    /// The tables that are read.
    public var reads: [TableRead] {
        var reads = [eventsRead]
        if needs.contains(.subject) { reads.append(TableRead(table: "messages")) }
        for name in usedDatasets { reads.append(TableRead(table: name)) }
        return reads
    }

    /// The names of datasets that dimensions or filters name.
    var usedDatasets: [String] {
        Set((fields + filterFields.map(\.field)).compactMap(\.dataset)).sorted()
    }

    private var eventsRead: TableRead {
        let starts = spans.map(\.from) + (usesFates ? [fatesStart] : []) + (usesVolume ? [volumeStart] : [])
        let from = starts.contains { $0 == nil } ? nil : starts.compactMap(\.self).min()
        let isOpen = usesFates || query.timeBasis == .sent || spans.contains { $0.to == nil }
        let through = isOpen ? nil : spans.compactMap(\.to).max()
        // By the time of sending nothing is known of the event's but that it is later; clocks may differ by a day.
        let margin = query.timeBasis == .sent ? 86_400_000_000 : EngagementVerdict.reach
        return TableRead(
            table: "events", timeColumn: "event_at", from: from.map { $0.moved(by: -margin) },
            through: through.map { $0.moved(by: margin) }, takesFacts: !isWide)
    }

    /// Whether something is asked for that facts made beforehand do not have.
    var isWide: Bool { (fields + filterFields.map(\.field)).contains { $0.dimension.name == "header:NAME" } }

    /// The time asked for, and that which it is compared with.
    var spans: [DateSpan] { [span] + [compared].compactMap(\.self) }

    /// Whether a metric counts a representative volume.
    var usesVolume: Bool { parts.contains { if case .representative = $0.measure { true } else { false } } }

    /// Whether it has to be known what became of mails.
    var usesFates: Bool { !questions.isEmpty }

    /// What.
    var questions: Set<FatesSQL.Question> {
        var questions: Set<FatesSQL.Question> = usesVolume ? [.volume] : []
        if needs.contains(.outcome) { questions.insert(.outcome) }
        if needs.contains(.history) { questions.insert(.history) }
        if needs.contains(.personHistory) { questions.insert(.personHistory) }
        if needs.contains(.opening) { questions.insert(.opening) }
        return questions
    }

    /// Since when events are looked at for what became of mails; nil where none is left out.
    var fatesStart: Timestamp? {
        let day: Int64 = 86_400_000_000
        // A representative volume's alone are told by events since its mails were sent, though clocks differ.
        if questions == [.volume] { return volumeStart.moved(by: -day) }
        let hasHistory = !needs.isDisjoint(with: [.history, .personHistory])
        let margin = hasHistory ? Self.memory : needs.contains(.opening) ? day : 0
        var starts = spans.map { $0.from.map { $0.moved(by: -margin) } }
        if usesVolume { starts.append(volumeStart) }
        return starts.contains { $0 == nil } ? nil : starts.compactMap(\.self).min()
    }

    /// Since when messages were sent that events since then may belong to.
    func messagesStart(_ start: Timestamp?) -> Timestamp? { start.map { $0.moved(by: -Self.memory) } }
}

extension Timestamp {
    /// The instant so many microseconds later.
    func moved(by microseconds: Int64) -> Timestamp {
        Timestamp(microseconds: self.microseconds + microseconds)
    }

    /// The first instant from it on that is a multiple of a length in microseconds.
    func roundedUp(to length: Int64) -> Timestamp {
        Timestamp(microseconds: -(-microseconds).roundedDown(to: length))
    }
}
