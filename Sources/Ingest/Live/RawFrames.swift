import Compression
import EventLog
import Scanning

/// Turns records of the log into zstd frames of a raw file: bodies as they were received, with a ``RawMarker`` wherever
/// the origin changes, and nowhere else.
struct RawFrames {
    private let compressor = FrameCompressor(level: 1)
    private let scrubber: AddressScrubber?
    private var last: RawMarker?

    init(scrubber: AddressScrubber?) { self.scrubber = scrubber }

    /// The frame of some records, in their order.
    mutating func frame(_ records: [LoggedRecord]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(0) { $0 + $1.record.body.count + 160 })
        for record in records {
            let marker = RawMarker(record.context)
            if marker != last { bytes += try marker.line() }
            last = marker
            let body = record.record.body.withUnsafeBytes { scrubber?.scrub($0) } ?? record.record.body
            bytes += RawMarker.defused(body) ?? body
            bytes.append(UInt8(ascii: "\n"))
        }
        return try bytes.withUnsafeBytes { try compressor.frame([], $0) }
    }
}
