import Foundation
import Primitives
import SESEvents

/// Says where the records behind it came from, in the files of received bytes.
///
/// A raw file is what was received, record for record, compressed with zstd: `zstdcat | jq` reads it, and so does
/// `sesame import`. Wherever the origin changes stands a line of its own:
///
///     {"sesame:raw":{"origin":"bounce.json","received_at":"2026-08-01T12:00:00.000Z","source_name":"import"}}
///
/// so that rebuilding the lake from the raw files gives the same rows. `account_id`, `region`, `event_type` and `stream` stand in it
/// where the way in knew them.
///
/// What a stranger sent cannot be taken for a marker: it would say that it came from another source. On its way into a raw file such
/// bytes get a space, `{ "sesame:raw":`, the one change that is made to what was received.
struct RawMarker: Codable, Equatable {
    struct Origin: Codable, Equatable {
        var origin: String
        var received_at: String
        var source_name: String
        var account_id: String?
        var region: String?
        var event_type: String?
        var stream: String?
    }

    var raw: Origin

    enum CodingKeys: String, CodingKey { case raw = "sesame:raw" }

    static let prefix = Array("{\"sesame:raw\":".utf8)

    init(_ context: EventDecoder.Context) {
        raw = Origin(
            origin: context.origin, received_at: context.receivedAt.iso8601, source_name: context.sourceName,
            account_id: context.accountID, region: context.region, event_type: context.eventType,
            stream: context.stream)
    }

    /// The marker that `bytes` are, or nil if they are a record.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > Self.prefix.count, bytes[2] == Self.prefix[2], bytes.starts(with: Self.prefix)
        else {
            return nil
        }
        guard let marker = try? JSONDecoder().decode(RawMarker.self, from: Data(bytes)) else { return nil }
        self = marker
    }

    /// A stranger's bytes without anything that could be taken for a marker; nil where there is nothing, as good as always.
    static func defused(_ bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBytes { bytes -> [UInt8]? in
            guard let base = bytes.baseAddress else { return nil }
            var (kept, position, result) = (0, 0, [UInt8]())
            while let found = memchr(base + position, Int32(prefix[0]), bytes.count - position) {
                position = UnsafeRawPointer(found) - base + 1
                let rest = bytes[(position - 1)...]
                guard rest.count >= prefix.count, rest.starts(with: prefix) else { continue }
                result += bytes[kept..<position]
                result.append(UInt8(ascii: " "))
                kept = position
            }
            return kept == 0 ? nil : result + bytes[kept...]
        }
    }

    /// The marker on a line of its own, whatever stands before it.
    func line() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let end = [UInt8(ascii: "\n")]
        return try end + Array(encoder.encode(self)) + end
    }

    /// What is known of the records behind the marker.
    var context: EventDecoder.Context? {
        guard let receivedAt = Timestamp(parsing: raw.received_at) else { return nil }
        return EventDecoder.Context(
            receivedAt: receivedAt, sourceName: raw.source_name, origin: raw.origin,
            accountID: raw.account_id,
            region: raw.region, eventType: raw.event_type, stream: raw.stream)
    }
}
