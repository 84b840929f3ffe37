import EventLog
import Lake
import SESEvents

/// Splits what was put into a stream into records: a body may hold one, many in any framing, or text that is none.
struct StreamPieces: Sendable {
    private(set) var records: [StreamRecord] = []
    private(set) var refused: [RefusedEvent] = []

    /// Splits the body of a record.
    mutating func split(_ logged: LoggedRecord, _ check: JSONCheck) {
        let (block, context) = (RecordBlock(logged.record.body), logged.context)
        for range in block.records {
            let bytes = block.bytes(of: range)
            guard let reason = Self.fault(bytes, check) else {
                add(bytes, range, context)
                continue
            }
            // The line could not be parsed as one record: look at it bracket by bracket.
            let pieces = range.isExact ? SplitRecords() : block.resplit(range)
            if pieces.isEmpty {
                refuse(bytes, range, context, reason)
                continue
            }
            for piece in pieces.records {
                let part = UnsafeRawBufferPointer(rebasing: block.bytes[piece.range])
                if let reason = Self.fault(part, check) {
                    refuse(part, piece, context, reason)
                } else {
                    add(part, piece, context)
                }
            }
            for refusal in pieces.refusals { refuse(refusal, context) }
        }
        for refusal in block.refusals { refuse(refusal, context) }
    }

    private static func fault(_ bytes: UnsafeRawBufferPointer, _ check: JSONCheck) -> String? {
        do throws(EventDecodingError) { try check.check(bytes) } catch { return error.description }
        return nil
    }

    private mutating func add(
        _ bytes: UnsafeRawBufferPointer, _ range: RecordRange, _ context: EventDecoder.Context
    ) {
        records.append(
            StreamRecord(
                bytes: Array(bytes), receivedAt: context.receivedAt, sourceName: context.sourceName,
                origin: context.origin, byteOffset: range.streamOffset, line: range.line))
    }

    private mutating func refuse(
        _ bytes: UnsafeRawBufferPointer, _ range: RecordRange, _ context: EventDecoder.Context,
        _ reason: String
    ) {
        refuse(
            Array(bytes.prefix(SplitLimits().keptBytes)), bytes.count, range.streamOffset, range.line,
            context,
            reason)
    }

    private mutating func refuse(_ refusal: Refusal, _ context: EventDecoder.Context) {
        refuse(
            refusal.bytes, refusal.length, refusal.streamOffset, refusal.line, context, refusal.reason.message
        )
    }

    private mutating func refuse(
        _ bytes: [UInt8], _ count: Int, _ offset: Int, _ line: Int, _ context: EventDecoder.Context,
        _ reason: String
    ) {
        refused.append(
            RefusedEvent(
                refusedAt: context.receivedAt, sourceName: context.sourceName, origin: context.origin,
                byteOffset: offset, line: line, reason: "stream '\(context.stream ?? "")': \(reason)",
                bytes: bytes, byteCount: count))
    }
}
