import Primitives

/// Writes events as the JSON lines that SES publishes.
///
/// Key order differs between types as in AWS's own examples: bounces, complaints and clicks say what happened before
/// they show the mail, and opens and clicks sort the mail's keys. Nothing here formats a string.
struct EventRenderer {
    let texts: [CampaignText]
    let campaigns: [Campaign]
    let clients = ClientCatalog()
    let replies = ServerReplies()
    let times: TimeWriter
    /// By raw value of ``BounceReason``: the end of the feedback id, type and subtype.
    let bounceTypes = BounceReason.allCases.map {
        [UInt8](text: #"","bounceType":"\#($0.names.type)","bounceSubType":"\#($0.names.subtype)""#)
    }
    let delayTypes = DelayReason.allCases.map { [UInt8](text: $0.name) }
    let complaintTypes = ComplaintReport.allCases.map { $0.name.map([UInt8].init(text:)) }
    private let idKey: UInt64
    /// The line in work, with its newline.
    var line = LineBuffer(capacity: 8_192)
    /// The addresses of the message in work, and where each of them ends.
    private var addresses = LineBuffer(capacity: 512)
    private var addressEnds: [Int] = []
    private(set) var domains: [Int] = []

    init(options: SimulationOptions, campaigns: [Campaign]) {
        self.campaigns = campaigns
        texts = campaigns.map(CampaignText.init)
        // Engagement ends 60 days after arrival, and no arrival is later than 14 hours after the last send.
        times = TimeWriter(days: options.firstDay..<options.end.daysSinceEpoch + 70)
        idKey = RandomSource.mix(options.seed ^ 0x6D73_6769)
    }

    /// Writes `event` of `message` to ``line``.
    mutating func render(_ event: PendingEvent, of message: Message, _ population: Population) {
        line.clear()
        loadAddresses(of: message, population)
        let provider = population.directory.domains[domains[firstPosition(event)]].provider
        switch event.kind {
        case .send: writeSend(message)
        case .delivery: writeDelivery(event, message, provider)
        case .bounce: writeBounce(event, message, provider)
        case .complaint: writeComplaint(event, message, provider)
        case .reject: writeReject(message)
        case .open: writeOpen(event, message)
        case .click: writeClick(event, message)
        case .renderingFailure: writeRenderingFailure(event, message)
        case .deliveryDelay: writeDelay(event, message)
        case .subscription: writeSubscription(event, message)
        }
        line.write("}\n")
    }

    func firstPosition(_ event: PendingEvent) -> Int { event.recipients.trailingZeroBitCount }

    func addressRange(_ position: Int) -> Range<Int> {
        (position == 0 ? 0 : addressEnds[position - 1])..<addressEnds[position]
    }

    mutating func writeAddress(_ position: Int) { line.write(addressRange(position), of: addresses) }

    mutating func writeTime(_ time: Int64) {
        line.write(byte: UInt8(ascii: "\""))
        times.write(time, to: &line)
        line.write(byte: UInt8(ascii: "\""))
    }

    mutating func write(_ reply: ReplyTemplate, _ event: PendingEvent) {
        reply.write(
            to: &line, address: (addresses, addressRange(firstPosition(event))), nonce: event.nonce,
            time: event.time)
    }

    /// `["a@example.com","b@example.com"]` for the recipients in `mask`.
    mutating func writeAddressList(_ mask: UInt8) {
        line.write("[")
        var isFirst = true
        for position in addressEnds.indices where mask & UInt8(1 << position) != 0 {
            line.write(isFirst ? "\"" : ",\"")
            writeAddress(position)
            line.write("\"")
            isFirst = false
        }
        line.write("]")
    }

    /// SES's own id: the time of sending in the first part, then a UUID whose last part counts the messages.
    mutating func writeMessageID(_ message: Message) {
        writeID(message.sentAt, message.nonce, last: RandomSource.mix48(message.ordinal, key: idKey))
    }

    mutating func writeFeedbackID(_ event: PendingEvent) {
        let bits = RandomSource.mix(event.nonce ^ 0x6662)
        writeID(event.time, bits, last: RandomSource.mix48(bits, key: idKey))
    }

    private mutating func writeID(_ time: Int64, _ bits: UInt64, last: UInt64) {
        line.write("0102")
        line.write(hex: UInt64(time), digits: 12)
        line.write("-")
        line.write(hex: bits, digits: 8)
        line.write("-")
        line.write(hex: bits &>> 32, digits: 4)
        line.write("-4")
        line.write(hex: bits &>> 48, digits: 3)
        line.write("-")
        // The variant of a random UUID: 8, 9, a or b.
        line.write(hex: 0x8000 | (bits &>> 50) & 0x3FFF, digits: 4)
        line.write("-")
        line.write(hex: last, digits: 12)
        line.write("-000000")
    }

    private mutating func loadAddresses(of message: Message, _ population: Population) {
        addresses.clear()
        addressEnds.removeAll(keepingCapacity: true)
        domains.removeAll(keepingCapacity: true)
        for position in 0..<message.recipientCount {
            let recipient = population.recipient(Int(message.recipients[position]))
            population.writeAddress(of: recipient, to: &addresses)
            addressEnds.append(addresses.count)
            domains.append(recipient.domain)
        }
    }
}
