// The event log on the disk
// =========================
//
// A log is a folder of segments. A segment is a file that is only ever appended to, named by the number of its first
// record in twenty digits: `00000000000000000000.log`. Numbers are integers of 64 bits; a record's number is called its
// offset. All integers are little-endian; text is UTF-8; a checksum is CRC-32C over all bytes that follow it in its
// header or record.
//
//     segment := header batch*
//
//     header (40 bytes)                        batch header (36 bytes)
//      0  8  "SESAMLOG"                         0  8  mark, as in the segment's header
//      8  4  checksum of bytes 12..<40          8  4  checksum of bytes 12..<36
//     12  4  format version, 1                 12  4  bytes of the records that follow
//     16  8  offset of the first record        16  4  number of records, 1 or more
//     24  8  time of creation, µs since 1970   20  8  offset of the first record
//     32  8  mark, random                      28  8  end of what was durable when this was written
//
//     record
//      0  4  checksum of all that follows
//      4  4  bytes that follow
//      8  8  offset
//     16  8  time of receipt, µs since 1970
//     24  2  bytes of the source's name
//     26  1  number of attributes
//     27     the source's name
//            attributes, each: 1 byte length of the name, 2 bytes length of the value, name, value
//            body, the rest
//
// A batch is what one append brought. It is whole if its header and each of its records are, or it is not at all: after
// a crash a batch that is cut off is dropped with all its records.
//
// Offsets go up by one within a segment, and a segment's records end where the next segment begins. Bytes behind that
// end belong to no record: they are what a failed write left when not even cutting the file was possible.
//
// A segment gets its name, by `rename`, when its header is on the disk, and the name is on the disk before the first
// batch is written. So a bad header is always damage. The last segment is never removed: its name is the numbering.
//
// Two fields serve nothing but telling a crash from damage. A crash leaves unacknowledged bytes at the end, in any state,
// since the disk writes them in any order: whole batches may stand behind a torn one. They may be cut, for nobody was
// told that they are safe. But if a whole batch further on says that record n was durable when it was written, then a
// bad batch with record n was acknowledged and was damaged since; that must never be cut. The mark finds the next batch
// behind a bad one. It is random so that nobody can write a batch into the body of a record.

import Primitives

/// The lengths and constants of the format, which is described above.
enum SegmentFormat {
    static let magic = Array("SESAMLOG".utf8)
    static let version: UInt32 = 1
    static let headerLength = 40
    static let batchHeaderLength = 36
    static let recordHeaderLength = 27
    static let fileSuffix = ".log"

    /// The file's name.
    static func fileName(firstOffset: UInt64) -> String {
        let digits = String(firstOffset)
        return String(repeating: "0", count: 20 - digits.count) + digits + fileSuffix
    }

    /// The first offset that a file's name says; nil for other files.
    static func firstOffset(fileName: String) -> UInt64? {
        guard fileName.hasSuffix(fileSuffix), fileName.utf8.count == 20 + fileSuffix.utf8.count else {
            return nil
        }
        return UInt64(fileName.dropLast(fileSuffix.count))
    }
}

/// The header of a segment.
struct SegmentHeader: Equatable {
    var firstOffset: UInt64
    var createdAt: Timestamp
    /// Begins every batch of this segment and no other.
    var mark: UInt64
}

/// The header of a batch.
struct BatchHeader: Equatable {
    var byteCount: Int
    var recordCount: Int
    var firstOffset: UInt64
    /// All records below this were on the disk when the batch was written.
    var durableEnd: UInt64

    /// The offset after the batch's last record.
    var endOffset: UInt64 { firstOffset + UInt64(recordCount) }
}
