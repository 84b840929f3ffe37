import Ingest
import Primitives
import SESEvents
import Scanning

/// Fuzzing has one thread, and a decoder keeps buffers as it does in a lane.
nonisolated(unsafe) private var decoder = EventDecoder()
private let context = EventDecoder.Context(
    receivedAt: Timestamp(microseconds: 0), sourceName: "fuzz", origin: "fuzz")

/// The way of received bytes: split, decode, unwrap what is no event, decode what was in it.
///
/// The same bytes in two pieces must give the same records as in one.
@Sendable func fuzzEvents(_ bytes: UnsafeRawBufferPointer) {
    let whole = RecordSplitter.splitAll(bytes)
    insist(
        whole.records.allSatisfy { $0.range.upperBound <= bytes.count && $0.length > 0 },
        "records lie in the bytes")
    splitInTwo(bytes)
    for record in whole.records { decode(UnsafeRawBufferPointer(rebasing: bytes[record.range]), depth: 0) }
    for refusal in whole.refusals { refusal.bytes.withUnsafeBytes { _ = Envelope.unwrap($0) } }
}

/// A bus's event or an array of them, as the receiver takes them apart.
@Sendable func fuzzEventBridge(_ bytes: UnsafeRawBufferPointer) {
    let isArray = JSONScanner.elements(of: bytes) { element in
        _ = Envelope.unwrap(element.bytes)
        return true
    }
    if !isArray { decode(bytes, depth: 0) }
}

private func splitInTwo(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 1 else { return }
    let cut = Int(bytes[0]) % bytes.count
    var splitter = RecordSplitter()
    var found = SplitRecords()
    let used = splitter.split(UnsafeRawBufferPointer(rebasing: bytes[..<cut]), isLast: false, into: &found)
    insist(used <= cut, "no more is used than there is")
    _ = splitter.split(UnsafeRawBufferPointer(rebasing: bytes[used...]), isLast: true, into: &found)
    let ends = found.records.map { $0.streamOffset + $0.length }
    insist(
        zip(ends, found.records.dropFirst()).allSatisfy { $0 <= $1.streamOffset }, "records do not overlap")
    insist((ends.last ?? 0) <= bytes.count, "records lie in the stream")
}

private func decode(_ bytes: UnsafeRawBufferPointer, depth: Int) {
    let padded = Array(bytes) + [UInt8](repeating: 0, count: 64)
    padded.withUnsafeBytes { padded in
        let record = UnsafeRawBufferPointer(rebasing: padded[..<bytes.count])
        guard let outcome = try? decoder.decode(record, context: context) else { return }
        guard case .noEventType = outcome, depth == 0 else { return }
        guard case .contents(let contents) = Envelope.unwrap(record) else { return }
        for case .record(let inner) in contents {
            inner.bytes.withUnsafeBytes { decode($0, depth: 1) }
        }
    }
}
