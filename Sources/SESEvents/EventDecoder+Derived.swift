import Primitives

/// Columns that follow from others: the recipients an event is about, and what tags and ARNs say of the message.
extension EventDecoder {
    func setMessageColumns(_ context: Context) {
        record.set(.receivedAt, context.receivedAt.microseconds)
        record.set(.sourceName, copying: context.sourceName.utf8)
        record.set(.origin, copying: context.origin.utf8)
        if record.isNull(.accountID), let account = context.accountID {
            record.set(.accountID, copying: account.utf8)
        }
        if let run = record.run(.tags) {
            for entry in record.entries[run.start..<run.start + run.count] where entry.values.count > 0 {
                guard let value = record.items[entry.values.start] else { continue }
                if entry.key.equals("ses:configuration-set") { record.set(.configurationSet, value) }
                if entry.key.equals("ses:source-ip"), record.isNull(.sourceIP) {
                    record.set(.sourceIP, value)
                }
                if entry.key.equals("ses:caller-identity"), record.isNull(.callerIdentity) {
                    record.set(.callerIdentity, value)
                }
            }
        }
        if let region = record.text(.sourceARN).flatMap(Self.region) {
            record.set(.region, region)
        } else if let region = context.region {
            record.set(.region, copying: region.utf8)
        }
        if let sender = record.text(.sender), let domain = Address(sender).domain {
            record.set(.fromDomain, record.copyToArena(lowercasing: domain))
        }
    }

    /// The fourth part of `arn:aws:ses:eu-west-1:123456789012:identity/example.com`.
    private static func region(_ arn: TextSlice) -> TextSlice? {
        var colons = 0
        var start = 0
        for (index, byte) in arn.bytes.enumerated() where byte == UInt8(ascii: ":") {
            colons += 1
            if colons == 3 { start = index + 1 }
            if colons == 4 {
                return index > start ? TextSlice(base: arn.base + start, count: index - start) : nil
            }
        }
        return nil
    }

    /// Sets the recipients the event is about.
    ///
    /// Deliveries, bounces, complaints and delays name them. Sends, rejects and rendering failures are about the whole
    /// message. Opens and clicks name none: with one recipient it is known whose, with several it is not.
    func setRecipients(_ type: TextSlice) {
        if let run = structureRun(.bouncedRecipients, stride: 4)
            ?? structureRun(.delayedRecipients, stride: 3)
        {
            setRecipients(from: run)
        } else if let run = record.run(.complainedRecipients) ?? record.run(.recipients) {
            setRecipients(from: (run.start, run.count, 1))
        } else if let run = record.run(.destination) {
            let isShared = run.count > 1 && (type.equals("Open") || type.equals("Click"))
            if type.equals("Open") || type.equals("Click") { record.set(.recipientAmbiguous, run.count > 1) }
            setRecipients(from: (run.start, isShared ? 0 : run.count, 1))
        }
        if let first = record.run(.bouncedRecipients), first.count > 0 {
            if let status = record.items[first.start + 2] { record.set(.bounceStatus, status) }
            if let reply = record.items[first.start + 3] { record.set(.bounceDiagnostic, reply) }
        }
    }

    private func structureRun(_ column: EventColumn, stride: Int) -> (start: Int, count: Int, stride: Int)? {
        guard let run = record.run(column), run.count > 0 else { return nil }
        return (run.start, run.count, stride)
    }

    private func setRecipients(from source: (start: Int, count: Int, stride: Int)) {
        let start = record.items.count
        for index in 0..<source.count {
            guard let text = record.items[source.start + index * source.stride] else { continue }
            record.append(item: Address(text).normalized(in: record))
        }
        let run = EventRecord.Run(start: start, count: record.items.count - start)
        record.set(.recipients, run)
        guard run.count == 1, let recipient = record.items[run.start] else { return }
        record.set(.recipient, recipient)
        guard let domain = Address(recipient).domain else { return }
        record.set(
            .recipientDomain, TextSlice(base: domain.baseAddress ?? recipient.base, count: domain.count))
    }
}
