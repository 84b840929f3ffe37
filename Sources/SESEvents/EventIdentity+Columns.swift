import CSimdJSON

/// The columns that say which event a row is, for rows whose texts were changed after they were decoded.
public struct IdentityColumns: Sendable {
    /// `event_type`.
    public var eventType: String
    /// `message_id`.
    public var messageID: String
    /// `event_at`, microseconds since 1970.
    public var eventAt: Int64
    /// `recipient`.
    public var recipient: String?
    /// `recipients`.
    public var recipients: [String]
    /// `feedback_id`.
    public var feedbackID: String?
    /// `ip_address`.
    public var ipAddress: String?
    /// `user_agent`.
    public var userAgent: String?
    /// `link`.
    public var link: String?
    /// `extra`.
    public var extra: String?

    /// The columns of a row.
    public init(
        eventType: String, messageID: String, eventAt: Int64, recipient: String?, recipients: [String],
        feedbackID: String?, ipAddress: String?, userAgent: String?, link: String?, extra: String?
    ) {
        (self.eventType, self.messageID, self.eventAt) = (eventType, messageID, eventAt)
        (self.recipient, self.recipients, self.feedbackID) = (recipient, recipients, feedbackID)
        (self.ipAddress, self.userAgent, self.link, self.extra) = (ipAddress, userAgent, link, extra)
    }

    /// The row's `event_id`, as ``EventDecoder`` makes it of a record with these values.
    public var eventID: String {
        var buffer: [UInt8] = []
        func append(_ text: String?) {
            buffer += (text ?? "").utf8
            buffer.append(0)
        }
        append(eventType)
        append(messageID)
        withUnsafeBytes(of: eventAt.littleEndian) { buffer += $0 }
        buffer.append(0)
        for name in (recipient.map { [$0] } ?? recipients).map({ $0.utf8.map(Address.lowercased) })
            .sorted(by: { $0.lexicographicallyPrecedes($1) })
        {
            buffer += name
            buffer.append(1)
        }
        buffer.append(0)
        for text in [feedbackID, ipAddress, userAgent, link] { append(text) }
        if !EventIdentity.isKnown(eventType) { append(extra) }
        var (low, high) = (UInt64(0), UInt64(0))
        buffer.withUnsafeBytes { sesame_hash128($0.baseAddress, $0.count, &low, &high) }
        return [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
