import CCRC32C
import Foundation
import Primitives
import Testing
import TestSupport

@testable import EventLog

@Suite("The segment's format")
struct SegmentFormatTests {
    @Test(
        "checksums are CRC-32C: the vectors of RFC 3720 and the check value",
        arguments: [
            (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C), ([], 0),
        ] as [([UInt8], UInt32)])
    func checksum(bytes: [UInt8], expected: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.of($0) } == expected)
        #expect(sesame_crc32c_portable(0, bytes, bytes.count) == expected)
    }

    @Test("the processor's instruction and the table agree at every length and alignment")
    func implementationsAgree() {
        var random = SeededGenerator(state: 1)
        let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes.withUnsafeBytes { all in
            for start in 0..<16 {
                for end in start...all.count {
                    let base = all.baseAddress! + start
                    #expect(
                        sesame_crc32c(0, base, end - start) == sesame_crc32c_portable(0, base, end - start))
                }
            }
        }
    }

    /// Made by a script from the description alone, with a checksum of its own.
    private static let foreign = """
        534553414d4c4f4744fc4eb301000000070000000000000000305f018b600600887766554433221188776655\
        44332211ca2692ce560000000200000007000000000000000700000000000000b294e34f3300000007000000\
        00000000401261018b6006000400016d61696e060c00726567696f6e65752d63656e7472616c2d317b226122\
        3a317d62fca557130000000800000000000000ffffffffffffffff000000
        """

    private static let header = SegmentHeader(
        firstOffset: 7, createdAt: Timestamp(microseconds: 1_795_000_000_000_000), mark: 0x1122_3344_5566_7788
    )
    private static let records = [
        LogRecord(
            receivedAt: Timestamp(microseconds: 1_795_000_000_123_456), source: "main",
            origin: [LogAttribute("region", "eu-central-1")], body: Array(#"{"a":1}"#.utf8)),
        LogRecord(receivedAt: Timestamp(microseconds: -1), source: "", body: []),
    ]

    @Test("what is written is what the description says, byte for byte")
    func writes() {
        var bytes = Self.header.encoded()
        bytes.append(
            batch: Self.records, byteCount: Self.records.reduce(0) { $0 + $1.encodedLength }, at: 7,
            durableEnd: 7,
            mark: Self.header.mark)
        #expect(
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == Self.foreign)
    }

    @Test("a segment that another program wrote by the description is read")
    func reads() async throws {
        let folder = TemporaryFolder()
        let digits = Array(Self.foreign)
        try folder.write(
            stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }, 7)
        let log = try await EventLog.open(folder.log)
        #expect(log.recovery == LogRecovery())
        let records = await log.readAll().records
        #expect(records.map(\.record) == Self.records)
        #expect(records.map(\.offset) == [7, 8])
    }

    @Test("a segment of a later format is left alone, and the message says so")
    func laterVersion() async throws {
        let folder = TemporaryFolder()
        var bytes = Self.header.encoded()
        bytes[12] = 2
        let checksum = bytes[12...].withUnsafeBytes { CRC32C.of($0) }
        bytes.replaceSubrange(8..<12, with: withUnsafeBytes(of: checksum.littleEndian) { Array($0) })
        try folder.write(bytes, 7)
        let failure = await #expect(throws: Failure.self) { try await EventLog.open(folder.log) }
        #expect(failure?.message.contains("format version is 2") == true)
        #expect(try folder.bytes(7) == bytes)
    }

    @Test("file names are twenty digits; others are not segments")
    func names() {
        #expect(SegmentFormat.fileName(firstOffset: 0) == "00000000000000000000.log")
        #expect(SegmentFormat.fileName(firstOffset: .max) == "18446744073709551615.log")
        #expect(SegmentFormat.firstOffset(fileName: "00000000000000000042.log") == 42)
        for name in [".lock", "next.tmp", "42.log", "99999999999999999999.log", "0000000000000000000x.log"] {
            #expect(SegmentFormat.firstOffset(fileName: name) == nil)
        }
    }
}
