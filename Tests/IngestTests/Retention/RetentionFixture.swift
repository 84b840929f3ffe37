import DuckDB
import Foundation
import Lake
import Primitives
import Simulation
import TestSupport

@testable import Ingest

extension LiveFixture {
    /// Simulated events of some days, with people who come again; imported.
    func importTraffic(_ messages: Int, seed: Int, days: Int = 6) async throws -> String {
        let options = SimulationOptions(
            messages: messages, days: days, seed: UInt64(seed), duplicates: 0.05, outOfOrder: 0.1)
        var simulator = try TrafficSimulator(options)
        var bytes: [UInt8] = []
        _ = try simulator.run { bytes.append(contentsOf: $0) }
        let file = try folder.write("traffic-\(seed).ndjson", bytes)
        _ = try await EventImporter(lake).run(try InputPaths.expand([file]))
        return file
    }

    /// The days of which there are events, the oldest first.
    func days() async throws -> [CivilDay] {
        try await rows(
            "SELECT DISTINCT epoch_us(date_trunc('day', event_at)) FROM \(try await lake.eventsRelation()) ORDER BY 1"
        ).compactMap { $0[0].integer }.map { Timestamp(microseconds: $0).day }
    }

    /// Runs retention to its end.
    @discardableResult
    func retain(_ horizons: RetentionHorizons, purges: Bool = true) async throws -> RetentionReport {
        var run = RetentionRun(lake, horizons, purges: purges)
        try await run.run(nil)
        return run.report
    }

    /// Rows of `events` as text, with some columns left out.
    func eventRows(without columns: String = "received_at, origin") async throws -> [String] {
        try await rows(
            "SELECT t::VARCHAR FROM (SELECT * EXCLUDE (\(columns)) FROM \(try await lake.eventsRelation())) AS t ORDER BY 1"
        ).compactMap { $0[0].text }
    }

    /// All bytes below a folder of the lake, unpacked where they are raw.
    func rawText() throws -> String {
        var text = ""
        for file in RawFiles.all(in: home.raw) {
            let reader = try RecordReader(.file(home.raw.appending(path: file.path).path))
            while let block = try reader.next() {
                text += String(decoding: block.wholeRecords, as: UTF8.self)
            }
        }
        return text
    }

    /// A name in every file that the lake has on the disk, as DuckDB reads its texts.
    func parquetFiles() -> [String] {
        guard let names = FileManager.default.enumerator(atPath: home.lake.path) else { return [] }
        return names.compactMap { $0 as? String }.filter {
            $0.hasSuffix(".parquet") && !$0.contains("_delta_log")
        }
        .map { home.lake.path + "/" + $0 }
    }
}

extension RetentionHorizons {
    init(anonymity: CivilDay? = nil, deletion: [RetentionTable: CivilDay] = [:]) {
        self.init()
        (self.anonymity, self.deletion) = (anonymity, deletion)
    }
}
