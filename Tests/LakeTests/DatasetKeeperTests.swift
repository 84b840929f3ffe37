import DuckDB
import Foundation
import Primitives
import Synchronization
import Testing

@testable import Lake

@Suite("Datasets beside others who write")
struct DatasetKeeperTests {
    private let lake: TestLake

    init() async throws { lake = try await TestLake() }

    private func file(_ name: String, _ bytes: some Collection<UInt8>) throws -> String {
        let path = lake.folder + "/" + name
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private func sizes() async throws -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: try await lake.lake.datasets().map { ($0.name, $0.rows) })
    }

    @Test("change one after the other, whoever asks at once")
    func oneByOne() async throws {
        let keeper = try await DatasetKeeper(lake.lake)
        await keeper.release()
        let path = try file("a", "a\n1\n2\n".utf8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let name = number < 4 ? "same" : "other\(number)"
                    _ = try await keeper.add(name, received: path, as: "a", format: nil, mode: .append)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await sizes() == ["same": 8, "other4": 2, "other5": 2, "other6": 2, "other7": 2])
    }

    @Test("stay as they are while somebody needs the lake alone")
    func held() async throws {
        let keeper = try await DatasetKeeper(lake.lake)
        let path = try file("a", "a\n1\n".utf8)
        let released = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in ["one", "two"] {
                group.addTask {
                    _ = try await keeper.add(name, received: path, as: "a", format: nil, mode: .create)
                    #expect(released.value.withLock { $0 })
                }
            }
            #expect(try await sizes() == [:])
            released.value.withLock { $0 = true }
            await keeper.release()
            try await group.waitForAll()
        }
        await keeper.hold()
        #expect(try await sizes().count == 2)
    }

    @Test("come of files whose first bytes say what they hold, packed or not")
    func firstBytes() async throws {
        let keeper = try await DatasetKeeper(lake.lake)
        await keeper.release()
        let folder = lake.folder
        for (name, copy) in [
            ("parquet", "FORMAT parquet"), ("gzip_csv", "FORMAT csv, COMPRESSION gzip"),
            ("zstd_json", "FORMAT json, COMPRESSION zstd"), ("json_list", "FORMAT json, ARRAY true"),
            ("tabs", "FORMAT csv, DELIMITER '\t'"),
        ] {
            try await lake.connection.execute(
                "COPY (SELECT 7 AS number, 'x' AS word) TO '\(folder)/\(name)' (\(copy))")
            let report = try await keeper.add(
                name, received: "\(folder)/\(name)", as: "f", format: nil, mode: .create)
            #expect(report.rows == 1 && report.columns.map(\.name) == ["number", "word"], "\(name)")
        }
        let marked = try file("marked", [0xef, 0xbb, 0xbf] + Array(" {\"a\":1}\n{\"a\":2}".utf8))
        #expect(
            try await keeper.add("marked", received: marked, as: "f", format: nil, mode: .create).rows == 2)
        // What is said goes before what it looks like.
        let braces = try file("braces", "{a},b\n1,2\n".utf8)
        #expect(
            try await keeper.add("braces", received: braces, as: "f", format: .csv, mode: .create).columns
                .count
                == 2)
    }

    @Test("do not come of what cannot be read, and errors have the name that their sender knows")
    func unreadable() async throws {
        let keeper = try await DatasetKeeper(lake.lake)
        await keeper.release()
        for (name, bytes, format) in [
            ("empty", [], nil), ("workbook", [0x50, 0x4b, 3, 4, 0, 0], nil),
            ("damaged", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff], nil),
            ("cut", Array("PAR1....".utf8), nil), ("no_json", Array(#"{"a":"#.utf8), nil),
            ("latin_1", Array("a,b\nJos".utf8) + [0xe9] + Array(",2\n".utf8), DatasetFile.Format.csv),
        ] as [(String, [UInt8], DatasetFile.Format?)] {
            let path = try file(name, bytes)
            let failure = await #expect(throws: Failure.self) {
                try await keeper.add("d", received: path, as: "orders.txt", format: format, mode: .create)
            }
            #expect(failure?.kind == .input, "\(name): \(failure?.message ?? "")")
            #expect(failure?.message.hasPrefix("orders.txt ") == true, "\(failure?.message ?? "")")
            #expect(failure?.message.contains(lake.folder) == false, "\(failure?.message ?? "")")
        }
        #expect(try await sizes() == [:])
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: lake.lake.home.table("datasets").path)
        #expect(names ?? [] == [])
    }

    @Test("do not mind what a process left that was killed while it received")
    func leftovers() async throws {
        let uploads = lake.lake.home.uploads
        try FileManager.default.createDirectory(at: uploads, withIntermediateDirectories: true)
        try Data("ann@example.com".utf8).write(to: uploads.appending(path: "half"))
        _ = try await DatasetKeeper(lake.lake)
        #expect(!FileManager.default.fileExists(atPath: uploads.path))
    }
}

private final class Flag: Sendable {
    let value = Mutex(false)
}
