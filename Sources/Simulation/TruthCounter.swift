import Primitives

/// Counts events in flat arrays while they are generated, and names them at the end.
struct TruthCounter {
    private typealias Row = [Int]
    private static let kinds = EventKind.allCases.count

    private let firstDay: Int
    private let campaigns: [Campaign]
    private let domains: [RecipientDomain]
    private var byDay: [Int]
    private var byCampaign: [Int]
    private var byDomain: [Int]
    private var several = [Int](repeating: 0, count: Self.kinds)
    private var bounces = [Int](repeating: 0, count: BounceReason.allCases.count)
    private var complaints = [Int](repeating: 0, count: ComplaintReport.allCases.count)
    private var delays = [Int](repeating: 0, count: DelayReason.allCases.count)
    private var opens = [Int](repeating: 0, count: EngagementCause.allCases.count)
    private var clicks = [Int](repeating: 0, count: EngagementCause.allCases.count)
    private var earliest = Int64.max
    private var latest = Int64.min
    private var truth: SimulationTruth

    init(options: SimulationOptions, campaigns: [Campaign], domains: [RecipientDomain]) {
        truth = SimulationTruth(options: options)
        firstDay = options.firstDay
        self.campaigns = campaigns
        self.domains = domains
        byDay = Array(repeating: 0, count: (options.days + 70) * Self.kinds)
        byCampaign = Array(repeating: 0, count: campaigns.count * Self.kinds)
        byDomain = Array(repeating: 0, count: domains.count * Self.kinds)
    }

    /// Counts a distinct event; `domain` is its recipient's, nil if it has several.
    mutating func count(_ event: PendingEvent, campaign: Int, domain: Int?) {
        let kind = Int(event.kind.rawValue)
        let detail = Int(event.detail)
        byDay[(Int(event.time / Span.day) - firstDay) * Self.kinds + kind] += 1
        byCampaign[campaign * Self.kinds + kind] += 1
        if let domain { byDomain[domain * Self.kinds + kind] += 1 } else { several[kind] += 1 }
        switch event.kind {
        case .bounce: bounces[detail] += 1
        case .complaint: complaints[detail] += 1
        case .deliveryDelay: delays[detail] += 1
        case .open: opens[detail] += 1
        case .click: clicks[detail] += 1
        case .send, .delivery, .reject, .renderingFailure, .subscription: break
        }
        earliest = min(earliest, event.time)
        latest = max(latest, event.time)
    }

    /// Counts a message after its last event.
    mutating func finish(_ message: Message) {
        truth.messages += 1
        if message.recipientCount > 1 { truth.multi_recipient_messages += 1 }
        if message.wasOpened { truth.opened_messages += 1 }
        if message.wasOpenedByReader { truth.reader_opened_messages += 1 }
        if message.wasClicked { truth.clicked_messages += 1 }
        if message.wasOpened, !message.wasClicked { truth.opened_not_clicked_messages += 1 }
    }

    /// All counts under their names.
    func result(scrambler: LineScrambler) -> SimulationTruth {
        var truth = truth
        truth.lines = scrambler.lines
        truth.bytes = scrambler.bytes
        truth.duplicates = scrambler.repeated
        truth.displaced = scrambler.displaced
        for row in 0..<byDay.count / Self.kinds {
            let day = CivilDay(daysSinceEpoch: firstDay + row).description
            add(byDay, row, to: &truth.by_day[day, default: [:]])
            if truth.by_day[day]?.isEmpty == true { truth.by_day[day] = nil }
        }
        for (row, campaign) in campaigns.enumerated() {
            add(byCampaign, row, to: &truth.by_campaign[campaign.name, default: [:]])
            add(byCampaign, row, to: &truth.by_configuration_set[campaign.stream.name, default: [:]])
            add(byCampaign, row, to: &truth.by_type)
        }
        for (row, domain) in domains.enumerated() {
            add(byDomain, row, to: &truth.by_recipient_domain[domain.name, default: [:]])
        }
        add(several, 0, to: &truth.multi_recipient_events)
        truth.by_campaign = truth.by_campaign.filter { !$0.value.isEmpty }
        truth.by_configuration_set = truth.by_configuration_set.filter { !$0.value.isEmpty }
        truth.by_recipient_domain = truth.by_recipient_domain.filter { !$0.value.isEmpty }
        truth.events = truth.by_type.values.reduce(0, +)
        nameDetails(&truth)
        guard truth.events > 0 else { return truth }
        truth.first_event = Timestamp(microseconds: earliest * 1_000).iso8601
        truth.last_event = Timestamp(microseconds: latest * 1_000).iso8601
        return truth
    }

    private func add(_ counts: [Int], _ row: Int, to named: inout [String: Int]) {
        for kind in EventKind.allCases {
            let count = counts[row * Self.kinds + Int(kind.rawValue)]
            if count > 0 { named[kind.name, default: 0] += count }
        }
    }

    private func nameDetails(_ truth: inout SimulationTruth) {
        for (reason, count) in zip(BounceReason.allCases, bounces) where count > 0 {
            truth.bounces["\(reason.names.type)/\(reason.names.subtype)", default: 0] += count
        }
        for (report, count) in zip(ComplaintReport.allCases, complaints) where count > 0 {
            truth.complaints[report.name ?? "none", default: 0] += count
            let subtype = report == .accountSuppressed ? "OnAccountSuppressionList" : "none"
            truth.complaint_subtypes[subtype, default: 0] += count
        }
        for (reason, count) in zip(DelayReason.allCases, delays) where count > 0 {
            truth.delays[reason.name] = count
        }
        for (place, cause) in EngagementCause.allCases.enumerated() {
            if opens[place] > 0 { truth.opens_by_cause[cause.name] = opens[place] }
            if clicks[place] > 0 { truth.clicks_by_cause[cause.name] = clicks[place] }
            guard cause.isMachine else { continue }
            truth.machine_opens += opens[place]
            truth.machine_clicks += clicks[place]
        }
    }
}
