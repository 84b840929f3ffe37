import EventLog
import SESEvents

extension LoggedRecord {
    /// The names of the attributes that say something of the events in the body.
    public enum AttributeName {
        /// What brought it, in words of its own: `s3://my-events/ses/…`, `SQS message …`.
        public static let origin = "origin"
        /// The byte of the origin at which the body begins; none is 0.
        public static let offset = "origin_offset"
        /// Why nothing could be read from the origin: the body is not looked at, the reason goes to the refused events.
        public static let refusal = "refusal"
        /// The request that brought it.
        static let request = "request_id"
        /// The message of SNS that brought it.
        static let message = "message_id"
        /// The AWS account.
        static let account = "account"
        /// The AWS region.
        static let region = "region"
        /// The event type, where only the envelope named it.
        static let eventType = "event_type"
        /// The stream that it was put into.
        static let stream = "stream"
    }

    /// What is known of the events in the body.
    var context: EventDecoder.Context {
        let origin =
            value(AttributeName.origin).map { name in
                value(AttributeName.offset).map { "\(name), from byte \($0)" } ?? name
            } ?? value(AttributeName.request).map { "request \($0)" }
            ?? value(AttributeName.message).map { "SNS message \($0)" } ?? "record \(offset)"
        return EventDecoder.Context(
            receivedAt: record.receivedAt, sourceName: record.source, origin: origin,
            accountID: value(AttributeName.account), region: value(AttributeName.region),
            eventType: value(AttributeName.eventType), stream: value(AttributeName.stream))
    }

    /// Why its origin could not be read; nil for a record with events.
    var refusal: String? { value(AttributeName.refusal) }

    private func value(_ name: String) -> String? { record.origin.first { $0.name == name }?.value }

    /// The body as a block of its own, so that places are counted from its beginning. The bytes are in the log, and go to
    /// the raw files from there.
    var job: DecodeJob {
        DecodeJob(
            block: RecordBlock(record.body), contexts: [(0, context)], keepsRaw: false, hasMarkers: false)
    }
}

extension RecordBlock {
    /// A block of bytes that are all there.
    convenience init(_ bytes: [UInt8], limits: SplitLimits = SplitLimits()) {
        let pool = BlockBufferPool(byteCount: bytes.count + RecordBlock.padding)
        let buffer = pool.take()
        bytes.withUnsafeBytes { buffer.memory.copyMemory(from: $0) }
        UnsafeMutableRawBufferPointer(rebasing: buffer.memory[bytes.count...])
            .initializeMemory(as: UInt8.self, repeating: 0)
        var (splitter, content) = (RecordSplitter(limits: limits), SplitRecords())
        _ = splitter.split(
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer.memory)[..<bytes.count]),
            isLast: true,
            into: &content)
        self.init(
            content: content, limits: limits, streamOffset: 0, count: bytes.count, buffer: buffer, pool: pool)
    }
}
