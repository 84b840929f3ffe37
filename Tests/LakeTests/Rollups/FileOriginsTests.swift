import Primitives
import TestSupport
import Testing

@testable import Lake

@Suite("Where the rows of files come from")
struct FileOriginsTests {
    private static let day = RollupSpan(CivilDay(daysSinceEpoch: 20_667))
    private static let hours = RollupSpan.hours(of: day.day)

    /// A file with events of so many seconds of the day, negative for the day before.
    private func file(_ path: String, _ seconds: ClosedRange<Int64>, tag: String? = nil) -> AddFile {
        let times = [seconds.lowerBound, seconds.upperBound].map {
            Timestamp(microseconds: Self.day.start.microseconds + $0 * 1_000_000).iso8601
        }
        var file = addition(
            path,
            stats:
                #"{"numRecords":2,"minValues":{"event_at":"\#(times[0])"},"maxValues":{"event_at":"\#(times[1])"}}"#
        )
        file.tags = tag.map { [FileOrigins.tag: $0] }
        return file
    }

    private func origins(_ files: [AddFile]) -> [FileOrigins] {
        files.compactMap { DataFile($0, schema: LakeTables.events).origins }
    }

    private func digests(_ files: [AddFile]) -> [UInt128] {
        ([Self.day] + Self.hours).map { FileOrigins.digest(of: $0, origins(files)) }
    }

    @Test("files that are merged, be it once more, say the same of every day and hour", arguments: 0..<20)
    func merges(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var files = (0..<12).map { number in
            let start = Int64.random(in: -7_200..<90_000, using: &random)
            return file("f-\(number)", start...start + Int64.random(in: 0...9_000, using: &random))
        }
        let before = digests(files)
        while files.count > 1 {
            let group = (0..<Int.random(in: 2...3, using: &random)).compactMap { _ in
                files.isEmpty ? nil : files.remove(at: Int.random(in: files.indices, using: &random))
            }
            // The time of a merged file is that of all.
            let times = group.compactMap {
                DataFile($0, schema: LakeTables.events).eventTimes
            }
            let seconds = times.flatMap { [$0.lowerBound, $0.upperBound] }.map {
                ($0.microseconds - Self.day.start.microseconds) / 1_000_000
            }
            files.append(
                file(
                    "m-\(files.count)", (seconds.min() ?? 0)...(seconds.max() ?? 0),
                    tag: FileOrigins(merging: origins(group)).text))
            #expect(digests(files) == before)
        }
    }

    @Test("another file changes the hours of its events and those within ten seconds, and their day")
    func another() {
        let calm = file("calm", 0...86_399)
        let before = digests([calm])
        func changed(_ other: AddFile) -> [Int] {
            let after = digests([calm, other])
            return before.indices.filter { before[$0] != after[$0] }.map { $0 - 1 }
        }
        #expect(changed(file("other", 7_300...7_400)) == [-1, 2])
        #expect(changed(file("other", 7_209...7_210)) == [-1, 1, 2])
        #expect(changed(file("other", 7_210...10_789)) == [-1, 2])
        #expect(changed(file("other", 7_210...10_790)) == [-1, 2, 3])
        #expect(changed(file("other", -10 ... -1)) == [-1, 0])
        #expect(changed(file("other", -60 ... -11)) == [])
        #expect(changed(file("other", 86_409...86_500)) == [-1, 23])
        #expect(changed(file("other", 86_410...86_500)) == [])
    }

    @Test("a file that was written anew without a word of its origins is one of its own")
    func rewritten() {
        let merged = file("a", 0...100, tag: FileOrigins(merging: origins([file("b", 0...100)])).text)
        #expect(digests([merged]) == digests([file("b", 0...100)]))
        #expect(digests([file("a", 0...100)]) != digests([merged]))
        for tag in ["", "x", "1", "1:", ":2", "1:2:3", "1:2,", "1:2,1:2", "1:10000000000000000"] {
            #expect(digests([file("a", 0...100, tag: tag)]) == digests([file("a", 0...100)]), "\(tag)")
        }
    }

    @Test("the tag's text is read as it was written")
    func text() throws {
        let origins = try #require(origins([file("a", 0...100)]).first)
        #expect(FileOrigins(parsing: origins.text) == origins)
        #expect(
            FileOrigins(parsing: "1488024:00000000000000ff,1488025:ffffffffffffff01")?.text
                == "1488024:00000000000000ff,1488025:ffffffffffffff01")
    }
}
