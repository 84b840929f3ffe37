/// Decides all that will happen to a message when it is sent, so that its events only wait for their time.
struct JourneyPlanner {
    let campaigns: [Campaign]
    var population: Population
    var random: RandomSource
    /// Events of the message in work; kept to use its memory again.
    private(set) var planned: [PendingEvent] = []
    /// What happens after this time is left out.
    private let horizon: Int64
    private var ordinal: UInt64 = 0

    init(options: SimulationOptions, campaigns: [Campaign], random: RandomSource) {
        self.campaigns = campaigns
        self.random = random
        population = Population(options: options)
        horizon = options.stopsAtEnd ? options.endMilliseconds : .max
    }

    /// The message with its events in ``planned``.
    mutating func plan(_ send: ScheduledSend) -> Message {
        planned.removeAll(keepingCapacity: true)
        ordinal += 1
        var message = Message(
            ordinal: ordinal, sentAt: send.time, nonce: random.next(), campaign: send.campaign)
        chooseRecipients(of: &message, send)
        let campaign = campaigns[send.campaign]
        // Both end a message before any attempt, and SES publishes no Send for them.
        if campaign.isTemplated, random.chance(4_000) {
            add(.renderingFailure, at: send.time, to: message.everyone)
        } else if random.chance(500) {
            add(.reject, at: send.time, to: message.everyone)
        } else {
            add(.send, at: send.time, to: message.everyone)
            planJourneys(of: message, campaign)
        }
        keepTimesApart()
        if horizon != .max { planned.removeAll { $0.time >= horizon } }
        message.pendingEvents = planned.count
        return message
    }

    mutating func add(
        _ kind: EventKind, at time: Int64, to recipients: UInt8, detail: UInt8 = 0, link: Int = 0,
        nonce: UInt64? = nil
    ) {
        let event = PendingEvent(
            time: time, nonce: nonce ?? random.next(), recipients: recipients, kind: kind, detail: detail,
            link: UInt8(truncatingIfNeeded: link))
        planned.append(event)
    }

    /// Adds a recipient to the delivery planned for `other`, as SES does when both share a connection.
    ///
    /// Returns the time of that delivery; nil if there is none, or if it was delayed for the other's own reasons.
    mutating func joinDelivery(before latest: Int64, of recipient: UInt8, with other: UInt8) -> Int64? {
        let found = planned.firstIndex { $0.kind == .delivery && $0.recipients & other != 0 }
        guard let found, planned[found].time < latest + Span.minute else { return nil }
        planned[found].recipients |= recipient
        return planned[found].time
    }

    private mutating func planJourneys(of message: Message, _ campaign: Campaign) {
        for position in 0..<message.recipientCount {
            let recipient = population.recipient(Int(message.recipients[position]))
            guard let delivered = planOutcome(of: recipient, position: position, message) else { continue }
            planEngagement(of: recipient, position: position, message, campaign, deliveredAt: delivered)
        }
    }

    private mutating func chooseRecipients(of message: inout Message, _ send: ScheduledSend) {
        let isMany = random.chance(30_000)
        message.recipientCount = isMany ? 2 + random.below(Message.mostRecipients - 1) : 1
        for position in 0..<message.recipientCount {
            var candidate = firstCandidate(send, position)
            for _ in 0..<8 {
                let isTaken = (0..<position).contains { Int(message.recipients[$0]) == candidate }
                if !isTaken, accepts(candidate, at: send.time) { break }
                candidate = (candidate + 1) % population.size
            }
            // Eight neighbours are enough to step past all that is taken: a message has four recipients.
            message.recipients[position] = Int32(truncatingIfNeeded: candidate)
        }
        dropRepeatedRecipients(of: &message)
    }

    /// A blast walks its list, so that nobody gets it twice; other mail follows from anybody's act.
    private mutating func firstCandidate(_ send: ScheduledSend, _ position: Int) -> Int {
        guard let blast = send.blast, position == 0 else { return random.below(population.size) }
        let offset = Int(RandomSource.mix(UInt64(blast.number)) % UInt64(population.size))
        return (offset + blast.place) % population.size
    }

    /// Most senders take suppressed addresses off their lists, some forget.
    private mutating func accepts(_ candidate: Int, at time: Int64) -> Bool {
        switch population.condition(of: population.recipient(candidate), at: time) {
        case .healthy, .full, .gone: true
        case .globallySuppressed: random.chance(300_000)
        case .suppressedByBounce, .suppressedByComplaint: random.chance(100_000)
        }
    }

    private func dropRepeatedRecipients(of message: inout Message) {
        var kept = 0
        for position in 0..<message.recipientCount {
            let candidate = message.recipients[position]
            if (0..<kept).contains(where: { message.recipients[$0] == candidate }) { continue }
            message.recipients[kept] = candidate
            kept += 1
        }
        message.recipientCount = kept
    }

    /// Two events of one kind never share a millisecond within a message. Message ids being distinct, this alone
    /// makes all events distinct, whatever their address, agent or link.
    private mutating func keepTimesApart() {
        for place in planned.indices.dropFirst() {
            let kind = planned[place].kind
            while planned[..<place].contains(where: { $0.kind == kind && $0.time == planned[place].time }) {
                planned[place].time += 1
            }
        }
    }
}
