import Lake
import Primitives
import Scanning
import SESEvents

/// What becomes of people on their way into the lake, so that what comes late or again is the same as what is there.
struct IntakePrivacy: Sendable {
    /// Replaces the addresses of people who were erased; nil where nobody was.
    let scrubber: AddressScrubber?
    /// Makes events anonymous that are old enough; nil where none is.
    let anonymity: Anonymity?

    init(of lake: EventLake) throws(Failure) {
        scrubber = try lake.erasures.scrubber()
        anonymity = try lake.anonymity()
    }
}

extension Anonymity {
    /// Decodes an event that was decoded anew without what names a person, if it is old enough.
    ///
    /// - Parameter bytes: the event.
    func apply(to bytes: UnsafeRawBufferPointer, _ context: EventDecoder.Context, _ decoder: EventDecoder)
        throws(EventDecodingError)
    {
        guard let time = decoder.record.integer(.eventAt), time < before.microseconds,
            let clean = anonymiser.anonymise(bytes, from: context.origin)
        else { return }
        var context = context
        context.origin = clean.origin
        let padded = clean.event + [UInt8](repeating: 0, count: RecordBlock.padding)
        var failure: EventDecodingError?
        padded.withUnsafeBytes { padded in
            let event = UnsafeRawBufferPointer(rebasing: padded[..<clean.event.count])
            do throws(EventDecodingError) { _ = try decoder.decode(event, context: context) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
