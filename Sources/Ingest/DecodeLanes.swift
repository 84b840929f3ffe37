import EventLog
import Foundation
import Lake
import Parquet
import Primitives

/// The lanes of one import or drain, one for each core.
struct DecodeLanes: Sendable {
    /// Fewer bytes than this are not worth a second lane.
    private static let smallestShare = 128 << 10

    /// The lanes.
    let all: [DecodeLane]

    /// - Parameter privacy: what becomes of people on their way in.
    init(_ privacy: IntakePrivacy) throws {
        all = try (0..<max(1, ProcessInfo.processInfo.activeProcessorCount)).map { _ in
            try DecodeLane(privacy)
        }
    }

    /// The keys of what each lane has staged.
    var keys: [[EventKey]] {
        get async {
            var keys: [[EventKey]] = []
            for lane in all { keys.append(await lane.keys) }
            return keys
        }
    }

    /// Decodes records of the log, shared out among the lanes by their bytes.
    func run(_ records: [LoggedRecord]) async -> DecodeResult {
        let bytes = records.reduce(0) { $0 + $1.record.body.count }
        let share = max(Self.smallestShare, bytes / all.count + 1)
        return await withTaskGroup(of: DecodeResult.self) { group in
            var rest = records[...]
            for lane in all where !rest.isEmpty {
                var taken = 0
                let part = rest.prefix { record in
                    defer { taken += record.record.body.count }
                    return taken < share
                }
                rest = rest.dropFirst(part.count)
                group.addTask { await lane.run(part) }
            }
            return await group.reduce(into: DecodeResult()) { $0.add($1) }
        }
    }

    /// Splits what was put into a stream with a table of its own.
    func split(_ records: [LoggedRecord]) async -> StreamPieces { await all[0].split(records) }

    /// How many of the staged events were there already, by source.
    func duplicates(_ fresh: FreshEvents) async -> [String: Int] {
        guard fresh.duplicates > 0 else { return [:] }
        var counts: [String: Int] = [:]
        for (lane, places) in zip(all, fresh.places) {
            counts.merge(await lane.sources(besides: places), uniquingKeysWith: +)
        }
        return counts
    }

    /// Encodes the new ones among the staged events, folds them if there is a fold, and forgets what was staged.
    func encode(_ fresh: FreshEvents, into fold: MessageFold? = nil) async throws -> [[TimePartition:
        [RowGroup]]]
    {
        try await withThrowingTaskGroup(of: (Int, [TimePartition: [RowGroup]]).self) { group in
            for (index, lane) in all.enumerated() {
                let places = fresh.places[index]
                group.addTask {
                    // One lane folds first and the other last, for the fold takes one at a time.
                    if index == 0, let fold { try await lane.fold(places, into: fold) }
                    let groups = try await lane.encode(places, by: fresh.unit)
                    if index > 0, let fold { try await lane.fold(places, into: fold) }
                    await lane.clear()
                    return (index, groups)
                }
            }
            var result = [[TimePartition: [RowGroup]]](repeating: [:], count: all.count)
            for try await (index, groups) in group { result[index] = groups }
            return result
        }
    }
}
