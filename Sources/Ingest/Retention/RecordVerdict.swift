import Lake
import Primitives
import Scanning
import SESEvents

/// What becomes of a record among received bytes when events before some time are made anonymous.
enum RecordVerdict {
    /// It stays; nothing is to be done with it before this time, microseconds since 1970, or ever.
    case stays(until: Int64?)
    /// These bytes take its place.
    case replaced([UInt8])
    /// It goes: it is no event, so nobody can tell what in it names a person, and it is old enough.
    case goes
}

/// Decides about records, one after the other. Not for several threads at once.
///
/// An event is as old as what happened; a record that is none is as old as its receipt. A record that holds several events
/// becomes anonymous with the first of them that is old enough.
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
            case .event: return verdict(on: bytes, context, events: [(Array(bytes), eventTime)], others: [])
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
            var events: [(bytes: [UInt8], time: Int64)] = []
            var (others, isKnown) = ([[UInt8]](), false)
            for content in contents {
                switch content {
                case .notAnEvent, .signal: isKnown = true
                case .refused(let bytes, _): others.append(bytes)
                case .record(let record):
                    if let time = time(of: record, context) {
                        events.append((record.bytes, time))
                    } else {
                        others.append(record.bytes)
                    }
                }
            }
            if events.isEmpty { return isKnown && others.isEmpty ? .stays(until: nil) : unreadable(context) }
            return verdict(on: bytes, context, events: events, others: others)
        }
    }

    /// When the event in an envelope happened; nil where it is none.
    private func time(of record: EnvelopeRecord, _ context: EventDecoder.Context) -> Int64? {
        var context = context
        context.eventType = record.context.eventTypeHint ?? context.eventType
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
        on bytes: UnsafeRawBufferPointer, _ context: EventDecoder.Context,
        events: [(bytes: [UInt8], time: Int64)], others: [[UInt8]]
    ) -> RecordVerdict {
        let oldest = events.map(\.time).min() ?? .max
        guard oldest < limit else { return .stays(until: oldest) }
        var texts = PersonalTexts()
        texts.add(mentionsIn: Array(context.origin.utf8))
        for event in events { event.bytes.withUnsafeBytes { texts.add(event: $0) } }
        for other in others { texts.add(mentionsIn: other) }
        return anonymity.anonymiser.scrub(bytes, texts).map { .replaced($0) } ?? .stays(until: nil)
    }
}
