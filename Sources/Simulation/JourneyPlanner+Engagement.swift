/// What people and machines do with a message that arrived.
extension JourneyPlanner {
    /// From arrival to the first look: minutes for some, weeks for a few.
    private static let firstLook: [Int64] = [
        20 * Span.second, 3 * Span.minute, 9 * Span.minute, 22 * Span.minute, 50 * Span.minute, 2 * Span.hour,
        4 * Span.hour, 8 * Span.hour, 16 * Span.hour, 30 * Span.hour, 72 * Span.hour, 12 * Span.day,
    ]
    private static let prefetch: [Int64] = [
        4 * Span.second, 15 * Span.second, 30 * Span.second, Span.minute, 2 * Span.minute, 5 * Span.minute,
    ]

    /// Plans opens, clicks, complaints and changes of subscription.
    mutating func planEngagement(
        of recipient: Recipient, position: Int, _ message: Message, _ campaign: Campaign, deliveredAt: Int64
    ) {
        let mask = message.everyone
        let domain = population.directory.domains[recipient.domain]
        var habits = RandomSource(seed: recipient.hash ^ 0x6861_6269)
        let usesApplePrivacy = habits.chance(domain.provider.applePrivacyShare)
        // From 20 % to 180 % of the campaign's appeal.
        let interest = 20 + habits.below(161)

        if domain.hasGateway || (domain.provider == .outlook && random.chance(20_000)) {
            planScan(mask, deliveredAt, linkCount: campaign.links.count)
        }
        if usesApplePrivacy {
            let nonce = RandomSource.mix(recipient.hash ^ 0x6170_706C ^ message.nonce)
            add(
                .open, at: deliveredAt + random.draw(Self.prefetch), to: mask,
                detail: EngagementCause.applePrefetch.rawValue, nonce: nonce)
        }
        if random.chance(min(970_000, campaign.opensPerMillion * interest / 100)) {
            let cause = openCause(domain.provider, usesApplePrivacy)
            planReading(recipient, mask, campaign, deliveredAt, cause)
        }
        planFeedback(recipient, position, message, campaign, domain, deliveredAt)
    }

    private func openCause(_ provider: MailboxProvider, _ usesApplePrivacy: Bool) -> EngagementCause {
        if usesApplePrivacy { return .reader }
        switch provider {
        case .gmail: return .gmailProxy
        case .yahoo: return .yahooProxy
        case .outlook, .icloud, .corporate: return .reader
        }
    }

    private mutating func planReading(
        _ recipient: Recipient, _ mask: UInt8, _ campaign: Campaign, _ deliveredAt: Int64,
        _ cause: EngagementCause
    ) {
        var habits = RandomSource(seed: recipient.hash ^ 0x6465_7669)
        let devices = [habits.next(), habits.next()]
        // Under Apple's protection the image was fetched before, and a look leaves no trace; so does blocking.
        let leavesTrace = cause != .reader || !random.chance(180_000)
        let lastMoment = deliveredAt + Span.engagement - Span.hour
        // One look in a hundred comes when the mail is found again, up to SES's limit of 60 days.
        var time =
            deliveredAt
            + (random.chance(8_000)
                ? random.between(Span.day, Span.engagement - Span.hour) : random.draw(Self.firstLook))
        while time < lastMoment {
            let device = devices[random.chance(750_000) ? 0 : 1]
            if leavesTrace { add(.open, at: time, to: mask, detail: cause.rawValue, nonce: device) }
            if random.chance(campaign.clicksPerMillion) {
                planClicks(mask, after: time, device, linkCount: campaign.links.count)
            }
            guard random.chance(520_000) else { break }
            time += random.between(Span.minute, random.chance(600_000) ? 2 * Span.hour : 6 * Span.day)
        }
    }

    private mutating func planClicks(_ mask: UInt8, after open: Int64, _ device: UInt64, linkCount: Int) {
        var time = open
        repeat {
            time += random.between(3 * Span.second, 3 * Span.minute)
            // Two draws, the smaller wins: the first links get most of the clicks.
            let link = min(random.below(linkCount), random.below(linkCount))
            add(
                .click, at: time, to: mask, detail: EngagementCause.reader.rawValue, link: link, nonce: device
            )
            // Whoever pastes a link into a chat sends the chat's previewer after it.
            if random.chance(6_000) {
                let seen = time + random.between(Span.second, 20 * Span.second)
                add(.click, at: seen, to: mask, detail: EngagementCause.linkPreview.rawValue, link: link)
            }
        } while random.chance(280_000)
    }

    /// A gateway follows several distinct links within two seconds of arrival, and may load the images.
    private mutating func planScan(_ mask: UInt8, _ deliveredAt: Int64, linkCount: Int) {
        guard random.chance(420_000) else { return }
        let cause: EngagementCause = random.chance(550_000) ? .namedScanner : .disguisedScanner
        let start = deliveredAt + random.between(300, 25 * Span.second)
        let scanner = random.next()
        if random.chance(400_000) { add(.open, at: start, to: mask, detail: cause.rawValue, nonce: scanner) }
        let links = 3 + random.below(linkCount - 2)
        let first = random.below(linkCount)
        var time = start
        for step in 0..<links {
            time += random.between(15, 1_900 / Int64(links))
            add(
                .click, at: time, to: mask, detail: cause.rawValue, link: (first + step) % linkCount,
                nonce: scanner)
        }
    }

    private mutating func planFeedback(
        _ recipient: Recipient, _ position: Int, _ message: Message, _ campaign: Campaign,
        _ domain: RecipientDomain,
        _ deliveredAt: Int64
    ) {
        if domain.provider.hasFeedbackLoop, random.chance(campaign.complaintsPerMillion) {
            let time = deliveredAt + random.draw(Self.firstLook) + random.between(0, Span.day)
            let report = complaintReport()
            // The report hides the address, so SES names everyone of the message at that domain.
            add(.complaint, at: time, to: neighbours(of: recipient, message), detail: report.rawValue)
            if report != .notSpam { population.suppress(recipient, from: time, byComplaint: true) }
        }
        // SES manages subscriptions for messages with one recipient only.
        if campaign.stream != .transactional, message.recipientCount == 1, random.chance(2_500) {
            add(.subscription, at: deliveredAt + random.draw(Self.firstLook), to: message.everyone)
        }
    }

    private func neighbours(of recipient: Recipient, _ message: Message) -> UInt8 {
        var mask: UInt8 = 0
        for position in 0..<message.recipientCount
        where population.recipient(Int(message.recipients[position])).domain == recipient.domain {
            mask |= UInt8(1 << position)
        }
        return mask
    }

    private mutating func complaintReport() -> ComplaintReport {
        switch random.below(100) {
        case ..<76: .abuse
        case ..<81: .notSpam
        case ..<83: .fraud
        case ..<86: .other
        case ..<87: .virus
        case ..<88: .authFailure
        default: .none
        }
    }
}
