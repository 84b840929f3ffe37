import EventLog
import Lake

/// What today's decoder says of a refused record. The drain, which is the same decoder, will say the same.
struct RefusedTrial: Sendable {
    enum Outcome: Sendable, Equatable {
        /// Everything in it can be read.
        case read
        /// It, or a part of it, cannot.
        case refusedAgain
        /// Its bytes are not all here.
        case incomplete
    }

    let id: String
    let outcome: Outcome
    /// What goes into the log: the record, if there is an event in it.
    let toSend: LogRecord?
    /// What `refused` has to keep in its place, each at the place where it stood in what was received.
    let newRefusals: [RefusedEvent]
    /// Whether the record leaves `refused`.
    let isSettled: Bool

    /// Tries a record; its events are staged in `lane`.
    ///
    /// - Parameter body: its bytes where `refused` has only the first of them.
    init(_ kept: KeptRefusal, body: [UInt8]?, lane: DecodeLane) async {
        let old = kept.event
        let bytes = body ?? old.bytes
        id = kept.id
        // No bytes at all stand for a file that was damaged, not for a record.
        guard bytes.count == old.byteCount, !bytes.isEmpty else {
            (outcome, toSend, newRefusals, isSettled) = (.incomplete, nil, [], false)
            return
        }
        let record = LogRecord(
            receivedAt: old.refusedAt, source: old.sourceName,
            origin: [LogAttribute(LoggedRecord.AttributeName.origin, old.origin)], body: bytes)
        let result = await lane.run([LoggedRecord(offset: 0, record: record)][...])
        // What was cut at its line's end stands alone now, and so ends with what it came in.
        let isSame = { (again: RefusedEvent) in
            (again.reason == old.reason || Self.isCut(again.reason) && Self.isCut(old.reason))
                && again.byteCount == old.byteCount
                && again.bytes.elementsEqual(bytes.prefix(again.bytes.count))
        }
        outcome = result.refused.isEmpty && result.records > 0 ? .read : .refusedAgain
        toSend = result.events > 0 ? record : nil
        newRefusals = result.refused.filter { !isSame($0) }.map { refusal in
            var refusal = refusal
            refusal.byteOffset += old.byteOffset
            if old.line > 0, refusal.line > 0 { refusal.line += old.line - 1 }
            return refusal
        }
        isSettled = result.records > 0 && !result.refused.contains(where: isSame)
    }

    private static func isCut(_ reason: String) -> Bool {
        reason == Refusal.Reason.cutOffLine.message || reason == Refusal.Reason.cutOffFile.message
    }
}
