import Foundation
import Lake
import Primitives

/// Finds in `raw` the whole of records of which `refused` keeps only the beginning.
///
/// A raw file has the bytes as they came, but not where in the origin they stood. So a record is known by its length and its
/// first 64 KiB, in the files of the day on which it was refused and of the day before: a file that the log was moved to
/// bears the day of its first record. What stood in an envelope is not found, since there it is text within text.
actor RawSearch {
    private let executor = BlockingExecutor(label: "sesame.raw-search")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let raw: URL

    init(raw: URL) { self.raw = raw }

    /// The bytes of those records that are cut and were found, by id.
    func bodies(of records: [KeptRefusal]) throws -> [String: [UInt8]] {
        let limit = SplitLimits().recordBytes
        var wanted = records.filter {
            $0.event.bytes.count < $0.event.byteCount && !$0.event.bytes.isEmpty
                && $0.event.byteCount <= limit
        }
        var found: [String: [UInt8]] = [:]
        let days = Set(
            wanted.flatMap { record in
                let day = record.event.refusedAt.day
                return [day, CivilDay(daysSinceEpoch: day.daysSinceEpoch - 1)]
            })
        for day in days.sorted() {
            let folder = raw.appending(path: day.partitionFolder).path
            guard FileManager.default.fileExists(atPath: folder) else { continue }
            for input in try InputPaths.expand([folder]) where !wanted.isEmpty {
                // A damaged file ends the search in it, not the search.
                guard let reader = try? RecordReader(input) else { continue }
                while let block = try? reader.next() {
                    for (id, bytes) in block.wholes(of: wanted) { found[id] = bytes }
                    wanted.removeAll { found[$0.id] != nil }
                }
            }
        }
        return found
    }
}

extension RecordBlock {
    /// The bytes of those records that are in the block.
    fileprivate func wholes(of wanted: [KeptRefusal]) -> [(String, [UInt8])] {
        let lengths = Set(wanted.map(\.event.byteCount))
        let stretches =
            records.map(\.range)
            + refusals.map { refusal in
                let start = refusal.streamOffset - streamOffset
                return start..<start + refusal.length
            }
        return stretches.flatMap { range -> [(String, [UInt8])] in
            guard lengths.contains(range.count), range.lowerBound >= 0, range.upperBound <= bytes.count else {
                return []
            }
            let stretch = UnsafeRawBufferPointer(rebasing: bytes[range])
            return wanted.filter {
                $0.event.byteCount == range.count && stretch.starts(with: $0.event.bytes)
            }.map { ($0.id, Array(stretch)) }
        }
    }
}
