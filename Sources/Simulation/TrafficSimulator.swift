/// Generates the events that SES would publish for an imagined sender, in the order of their time.
///
/// Messages are planned one by one in the order of sending, their events wait in a queue, and everything older than
/// the next send is written. So memory holds the messages that still await events, and not the history.
public struct TrafficSimulator {
    private var calendar: SendingCalendar
    private var planner: JourneyPlanner
    private var renderer: EventRenderer
    private var scrambler: LineScrambler
    private var counter: TruthCounter
    private var queue = EventQueue()
    /// Messages that await events; a slot is used again after the last of them.
    private var messages: [Message] = []
    private var freeSlots: [Int] = []
    private var order: UInt64 = 0
    private var sendTimes: RandomSource

    /// A simulator for `options`; throws a ``Failure`` of kind usage if one is out of its range.
    public init(_ options: SimulationOptions) throws {
        try options.validate()
        // One source each, so that disorder on request leaves the history itself as it was.
        var seeds = RandomSource(seed: options.seed)
        let campaigns = CampaignCatalog.all()
        sendTimes = RandomSource(seed: seeds.next())
        planner = JourneyPlanner(
            options: options, campaigns: campaigns, random: RandomSource(seed: seeds.next()))
        scrambler = LineScrambler(options: options, random: RandomSource(seed: seeds.next()))
        calendar = SendingCalendar(options: options, campaigns: campaigns)
        renderer = EventRenderer(options: options, campaigns: campaigns)
        counter = TruthCounter(
            options: options, campaigns: campaigns, domains: planner.population.directory.domains)
    }

    /// Generates everything, once; `emit` is handed one line at a time, its newline included.
    ///
    /// The bytes are valid during the call only. An error of `emit` ends the run.
    public mutating func run(emit: (UnsafeRawBufferPointer) throws -> Void) throws -> SimulationTruth {
        while try step(emit: emit) {}
        return counter.result(scrambler: scrambler)
    }

    /// Generates what happens until the next message is sent; false when that was the end.
    ///
    /// For those who want events one by one: all steps together emit what ``run(emit:)`` does.
    public mutating func step(emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        guard let send = calendar.next(&sendTimes) else {
            while queue.earliest != nil { try writeEarliest(emit: emit) }
            try scrambler.finish(emit: emit)
            return false
        }
        while let earliest = queue.earliest, earliest < send.time {
            try writeEarliest(emit: emit)
        }
        enqueue(planner.plan(send))
        return true
    }

    private mutating func enqueue(_ message: Message) {
        guard message.pendingEvents > 0 else { return }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            messages[slot] = message
        } else {
            slot = messages.count
            messages.append(message)
        }
        for var event in planner.planned {
            order += 1
            event.order = order
            event.slot = Int32(truncatingIfNeeded: slot)
            queue.push(event)
        }
    }

    private mutating func writeEarliest(emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let event = queue.pop() else { return }
        let slot = Int(event.slot)
        messages[slot].note(event)
        let message = messages[slot]
        renderer.render(event, of: message, planner.population)
        let isSingle = event.recipients.nonzeroBitCount == 1
        counter.count(
            event, campaign: message.campaign,
            domain: isSingle ? renderer.domains[renderer.firstPosition(event)] : nil)
        if message.pendingEvents == 0 {
            counter.finish(message)
            freeSlots.append(slot)
        }
        try scrambler.take(renderer.line.bytes, emit: emit)
    }
}
