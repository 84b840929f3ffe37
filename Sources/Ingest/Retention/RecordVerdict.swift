import Lake
import Primitives
import Scanning
import SESEvents

/// What becomes of a record among received bytes when events before some time are made anonymous.
enum RecordVerdict {
    /// It stays; nothing is to be done with it before this time, microseconds since 1970, or ever.
    case stays(until: Int64?)
    /// These bytes take its place; nothing is to be done with them before this time, or ever.
    case replaced([UInt8], until: Int64?)
    /// It goes: it is no event, so nobody can tell what in it names a person, and it is old enough.
    case goes
}

/// Decides about records, one after the other. Not for several threads at once.
///
/// An event is as old as what happened; a record that is none is as old as its receipt. An envelope that holds events of which
/// some are old enough and others not is taken apart: each of them becomes a record of its own, behind a marker with what the
/// envelope said of it.
final class RecordJudge {
    private let anonymity: Anonymity
    private let decoder = EventDecoder()

    init(_ anonymity: Anonymity) { self.anonymity = anonymity }

    /// The verdict on a record; nil where it is no JSON, so that the caller may split it further.
    ///
    /// - Parameter bytes: the record; 64 bytes more can be read behind it.
    func verdict(on bytes: UnsafeRawBufferPointer, _ context: EventDecoder.Context) -> RecordVerdict? {
        do throws(EventDecodingError) {
            switch try decoder.decode(bytes, context: context) {
            case .event:
                let event = EnvelopeRecord(bytes: Array(bytes), context: EnvelopeContext())
                return verdict(on: bytes, context, [Part(record: event, time: eventTime)])
            case .notAnEvent: return .stays(until: nil)
            case .noEventType: return unwrapped(bytes, context)
            }
        } catch {
            if case .notJSON = error { return nil }
            return unreadable(context)
        }
    }

    /// The verdict on what is no event.
    func unreadable(_ context: EventDecoder.Context) -> RecordVerdict {
        let received = context.receivedAt.microseconds
        return received < limit ? .goes : .stays(until: received)
    }

    // MARK: Steps

    private var limit: Int64 { anonymity.before.microseconds }
    private var eventTime: Int64 { decoder.record.integer(.eventAt) ?? .min }

    private func unwrapped(_ bytes: UnsafeRawBufferPointer, _ context: EventDecoder.Context) -> RecordVerdict
    {
        switch Envelope.unwrap(bytes) {
        case .unknown: return unreadable(context)
        case .notAnEvent: return .stays(until: nil)
        case .contents(let contents):
            let parts = contents.compactMap { part($0, context) }
            guard parts.contains(where: { $0.time != nil }) else {
                return parts.contains { $0.isUnreadable } ? unreadable(context) : .stays(until: nil)
            }
            return verdict(on: bytes, context, parts)
        }
    }

    /// Something that an envelope holds.
    private struct Part {
        var record: EnvelopeRecord
        /// When it happened; nil for what is no event.
        var time: Int64?
        /// Whether nobody can tell what in it names a person.
        var isUnreadable = false
    }

    private func part(_ content: EnvelopeContent, _ context: EventDecoder.Context) -> Part? {
        switch content {
        case .notAnEvent: return nil
        case .signal(let record): return Part(record: record)
        case .refused(let bytes, _):
            return Part(record: EnvelopeRecord(bytes: bytes, context: EnvelopeContext()), isUnreadable: true)
        case .record(let record):
            let time = time(of: record, context)
            return Part(record: record, time: time, isUnreadable: time == nil)
        }
    }

    /// When the event in an envelope happened; nil where it is none.
    private func time(of record: EnvelopeRecord, _ context: EventDecoder.Context) -> Int64? {
        let context = context.inside(record.context)
        let padded = record.bytes + [UInt8](repeating: 0, count: RecordBlock.padding)
        return padded.withUnsafeBytes { padded in
            let bytes = UnsafeRawBufferPointer(rebasing: padded[..<record.bytes.count])
            guard let outcome = try? decoder.decode(bytes, context: context), outcome == .event else {
                return nil
            }
            return eventTime
        }
    }

    private func verdict(
        on bytes: UnsafeRawBufferPointer, _ context: EventDecoder.Context, _ parts: [Part]
    ) -> RecordVerdict {
        let times = parts.compactMap(\.time)
        guard let oldest = times.min(), oldest < limit else { return .stays(until: times.min()) }
        let young = times.filter { $0 >= limit }
        guard young.isEmpty else {
            return .replaced(apart(parts, context), until: young.min())
        }
        var texts = PersonalTexts()
        texts.add(mentionsIn: Array(context.origin.utf8))
        for part in parts {
            if part.isUnreadable { texts.add(mentionsIn: part.record.bytes) }
            if part.time != nil { part.record.bytes.withUnsafeBytes { texts.add(event: $0) } }
        }
        return anonymity.anonymiser.scrub(bytes, texts).map { .replaced($0, until: nil) }
            ?? .stays(until: nil)
    }

    /// The parts of an envelope as records of their own; those that are old enough name nobody.
    private func apart(_ parts: [Part], _ context: EventDecoder.Context) -> [UInt8] {
        var output: [UInt8] = []
        for part in parts {
            let own = context.inside(part.record.context)
            var bytes = part.record.bytes
            if let time = part.time, time < limit {
                bytes =
                    bytes.withUnsafeBytes { anonymity.anonymiser.anonymise($0, from: context.origin)?.event }
                    ?? bytes
            }
            output += ((try? RawMarker(own).line()) ?? []) + bytes
        }
        return output + ((try? RawMarker(context).line()) ?? [])
    }
}

extension EventDecoder.Context {
    /// What is known of a record in an envelope.
    func inside(_ envelope: EnvelopeContext) -> EventDecoder.Context {
        var context = self
        context.accountID = envelope.account ?? accountID
        context.region = envelope.region ?? region
        context.eventType = envelope.eventTypeHint ?? eventType
        return context
    }
}
