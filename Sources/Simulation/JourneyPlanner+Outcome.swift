/// What the receiving side makes of a message.
extension JourneyPlanner {
    /// Plans until the message is accepted or given up; returns when it was accepted.
    mutating func planOutcome(of recipient: Recipient, position: Int, _ message: Message) -> Int64? {
        let mask = UInt8(1 << position)
        let sentAt = message.sentAt
        switch population.condition(of: recipient, at: sentAt) {
        case .suppressedByComplaint:
            let report = ComplaintReport.accountSuppressed.rawValue
            add(.complaint, at: sentAt + random.between(150, 1_500), to: mask, detail: report)
            return nil
        case .suppressedByBounce:
            bounce(.accountSuppressed, at: sentAt + random.between(150, 1_500), mask)
            return nil
        case .globallySuppressed:
            bounce(.suppressed, at: sentAt + random.between(150, 1_500), mask)
            return nil
        case .gone:
            return planGone(recipient, mask, sentAt)
        case .full:
            return planFull(recipient, mask, sentAt)
        case .healthy:
            return planHealthy(recipient, position, message)
        }
    }

    private mutating func bounce(_ reason: BounceReason, at time: Int64, _ mask: UInt8) {
        add(.bounce, at: time, to: mask, detail: reason.rawValue)
    }

    /// A dead address: refused at once, or, by servers that accept first and look later, after delivery.
    private mutating func planGone(_ recipient: Recipient, _ mask: UInt8, _ sentAt: Int64) -> Int64? {
        let handover = sentAt + random.draw(population.provider(of: recipient).latency)
        let bouncedAt: Int64
        if random.chance(40_000) {
            add(.delivery, at: handover, to: mask)
            bouncedAt = handover + random.between(20 * Span.second, 5 * Span.hour)
            bounce(.lateNoEmail, at: bouncedAt, mask)
        } else {
            bouncedAt = handover
            bounce(random.chance(700_000) ? .noEmail : .general, at: bouncedAt, mask)
        }
        population.suppress(recipient, from: bouncedAt, byComplaint: false)
        return nil
    }

    /// A full mailbox: some are emptied in time, the rest bounce when SES gives up.
    private mutating func planFull(_ recipient: Recipient, _ mask: UInt8, _ sentAt: Int64) -> Int64? {
        let makesRoom = random.chance(250_000)
        let until = sentAt + (makesRoom ? random.between(Span.hour, 12 * Span.hour) : Span.retry)
        delay(.mailboxFull, from: sentAt, until: until, mask)
        guard makesRoom else {
            bounce(.mailboxFull, at: until + random.between(Span.second, Span.minute), mask)
            return nil
        }
        add(.delivery, at: until, to: mask)
        return until
    }

    /// SES reports a delay after about ten minutes, then ever more rarely.
    private mutating func delay(_ reason: DelayReason, from sentAt: Int64, until: Int64, _ mask: UInt8) {
        var time = sentAt + random.between(8 * Span.minute, 12 * Span.minute)
        while time < until {
            add(.deliveryDelay, at: time, to: mask, detail: reason.rawValue)
            time += (time - sentAt) * 2 + random.between(0, 5 * Span.minute)
        }
    }

    private mutating func planHealthy(_ recipient: Recipient, _ position: Int, _ message: Message) -> Int64? {
        let mask = UInt8(1 << position)
        let handover = message.sentAt + random.draw(population.provider(of: recipient).latency)
        let fate = random.below(100_000)
        if fate < 500 { return planTrouble(message.sentAt, mask) }
        if fate < 700 {
            bounce(softReason(), at: handover, mask)
            return nil
        }
        if let time = join(recipient, position, message, handover) { return time }
        add(.delivery, at: handover, to: mask)
        // An out-of-office reply comes back as a soft bounce of mail that did arrive.
        if fate < 760 {
            bounce(.autoReply, at: handover + random.between(2 * Span.second, 10 * Span.minute), mask)
        }
        return handover
    }

    /// The receiving server is down or wary for a while.
    private mutating func planTrouble(_ sentAt: Int64, _ mask: UInt8) -> Int64? {
        let reasons: [DelayReason] = [
            .communication, .communication, .communication, .serverError, .serverError, .spamDetected,
            .ipFailure, .general, .internalFailure, .undetermined, .sendingDeferral,
        ]
        let reason = reasons[random.below(reasons.count)]
        guard random.chance(880_000) else {
            delay(reason, from: sentAt, until: sentAt + Span.retry, mask)
            let end: BounceReason = random.chance(500_000) ? .softGeneral : .customTimeout
            bounce(end, at: sentAt + Span.retry + random.between(Span.second, Span.minute), mask)
            return nil
        }
        let until = sentAt + random.between(15 * Span.minute, 6 * Span.hour)
        delay(reason, from: sentAt, until: until, mask)
        add(.delivery, at: until, to: mask)
        return until
    }

    private mutating func softReason() -> BounceReason {
        let reasons: [BounceReason] = [
            .softGeneral, .softGeneral, .contentRejected, .contentRejected, .messageTooLarge,
            .attachmentRejected, .undetermined, .undetermined, .customTimeout,
        ]
        return reasons[random.below(reasons.count)]
    }

    /// The time of a delivery already planned to a neighbour at the same domain, if this one rides along.
    private mutating func join(
        _ recipient: Recipient, _ position: Int, _ message: Message, _ handover: Int64
    ) -> Int64? {
        for earlier in 0..<position {
            let neighbour = population.recipient(Int(message.recipients[earlier]))
            guard neighbour.domain == recipient.domain, random.chance(700_000) else { continue }
            if let time = joinDelivery(before: handover, of: UInt8(1 << position), with: UInt8(1 << earlier))
            {
                return time
            }
        }
        return nil
    }
}
