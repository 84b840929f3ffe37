import CSimdJSON

/// Computes `event_id`: which event a record is, whatever road brought it and however often.
///
/// The identity is XXH3-128 over these parts, each followed by one zero byte: event type; message id; event time, eight
/// bytes, microseconds, little endian; the event's recipients, in lower case, sorted, each followed by one byte 1;
/// feedback id; IP address; user agent; link; and `extra` for types that Sesame does not know. Left out on purpose:
/// envelope ids (they name a delivery of the record), and tags and headers (an identity notification lacks them, and it
/// is the same event as its event-publishing twin).
struct EventIdentity {
    private var buffer: [UInt8] = []

    private static let knownTypes: [StaticString] = [
        "Send", "Delivery", "Bounce", "Complaint", "Reject", "Open", "Click", "Rendering Failure",
        "DeliveryDelay",
        "Subscription",
    ]

    /// Whether SES had events of this type when this was written.
    static func isKnown(_ type: String) -> Bool { knownTypes.contains { "\($0)" == type } }

    /// The identity of the record, as a number and in hexadecimal digits.
    mutating func digest(of record: EventRecord) -> (number: UInt128, digits: TextSlice) {
        buffer.removeAll(keepingCapacity: true)
        append(record.text(.eventType))
        append(record.text(.messageID))
        withUnsafeBytes(of: (record.integer(.eventAt) ?? 0).littleEndian) { buffer.append(contentsOf: $0) }
        buffer.append(0)
        appendRecipients(record)
        append(record.text(.feedbackID))
        append(record.text(.ipAddress))
        append(record.text(.userAgent))
        append(record.text(.link))
        if let type = record.text(.eventType), !Self.knownTypes.contains(where: { type.equals($0) }) {
            append(record.text(.extra))
        }
        var low: UInt64 = 0
        var high: UInt64 = 0
        buffer.withUnsafeBytes { sesame_hash128($0.baseAddress, $0.count, &low, &high) }
        let digits = record.allocate(count: 32)
        for place in 0..<16 {
            let shift = UInt64(60 - place * 4)
            digits[place] = hexDigit(UInt8((high >> shift) & 15))
            digits[place + 16] = hexDigit(UInt8((low >> shift) & 15))
        }
        return (UInt128(high) << 64 | UInt128(low), TextSlice(base: UnsafePointer(digits), count: 32))
    }

    private mutating func append(_ text: TextSlice?) {
        if let text { buffer.append(contentsOf: text.bytes) }
        buffer.append(0)
    }

    private mutating func appendRecipients(_ record: EventRecord) {
        if let recipient = record.text(.recipient) {
            append(lowercased: recipient)
        } else {
            let recipients = record.texts(.recipients).map { $0.bytes.map(Address.lowercased) }
            for recipient in recipients.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                buffer.append(contentsOf: recipient)
                buffer.append(1)
            }
        }
        buffer.append(0)
    }

    private mutating func append(lowercased text: TextSlice) {
        for byte in text.bytes { buffer.append(Address.lowercased(byte)) }
        buffer.append(1)
    }
}
