import Foundation
import Primitives
import TestSupport
import Testing

@testable import Lake

@Suite("Refused records in the lake")
struct RefusedTests {
    /// A lake in a folder that goes away with it.
    final class Fixture: Sendable {
        let folder = NSTemporaryDirectory() + "refused-\(UUID().uuidString)"
        let lake: EventLake

        init() async throws {
            lake = try EventLake(home: HomeDirectory(path: folder))
            try await lake.create()
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }

    private func refusal(
        _ number: Int, source: String = "shop", reason: String = "it is not JSON", at: Int64 = 0
    )
        -> RefusedEvent
    {
        let bytes = Array("record \(number)".utf8)
        return RefusedEvent(
            refusedAt: Timestamp(microseconds: 1_785_585_600_000_000 + at), sourceName: source,
            origin: "a.json",
            byteOffset: number, line: number, reason: reason, bytes: bytes, byteCount: bytes.count)
    }

    @Test("a record is kept once, however often it comes, also by another process and after a merge")
    func once() async throws {
        let fixture = try await Fixture()
        let records = (0..<5).map { refusal($0) }
        #expect(try await fixture.lake.keepRefused(records + records) == 5)
        #expect(try await fixture.lake.keepRefused(records) == 0)
        let other = try EventLake(home: fixture.lake.home)
        try await other.create()
        #expect(try await other.keepRefused(records + [refusal(5)]) == 1)
        #expect(try await fixture.lake.keepRefused([refusal(5), refusal(6)]) == 1)
        _ = try await other.compact()
        #expect(try await fixture.lake.keepRefused(records + [refusal(6)]) == 0)
        #expect(try await fixture.lake.refusedCounts(RefusedFilter()).map(\.count) == [7])
    }

    @Test("what was taken out may come again")
    func again() async throws {
        let fixture = try await Fixture()
        try await fixture.lake.keepRefused([refusal(1), refusal(2)])
        let ids = try await fixture.lake.refusedRecords(RefusedFilter(), limit: 9).map(\.id)
        #expect(try await fixture.lake.deleteRefused([ids[0]]) == 1)
        #expect(try await fixture.lake.deleteRefused([ids[0]]) == 0)
        #expect(try await fixture.lake.keepRefused([refusal(1), refusal(2)]) == 1)
    }

    @Test("pages of a list follow each other without a gap or a repetition, by every size of page")
    func cursor() async throws {
        let fixture = try await Fixture()
        // Several of one instant, so that time alone does not tell them apart.
        try await fixture.lake.keepRefused((0..<23).map { refusal($0, at: Int64($0 / 4)) })
        let all = try await fixture.lake.refusedRecords(RefusedFilter(), limit: 100)
        #expect(all.count == 23 && all.allSatisfy { $0.event.bytes.isEmpty })
        for size in [1, 3, 4, 22, 23] {
            var (pages, cursor) = ([KeptRefusal](), EventLake.RefusedCursor?.none)
            while true {
                let page = try await fixture.lake.refusedRecords(RefusedFilter(), limit: size, after: cursor)
                guard let last = page.last else { break }
                pages += page
                cursor = EventLake.RefusedCursor(EventLake.RefusedCursor(after: last).text)
            }
            #expect(pages == all)
        }
    }

    @Test("pages for a replay are bounded in records and bytes, and have every record once, with its bytes")
    func pages() async throws {
        let fixture = try await Fixture()
        try await fixture.lake.keepRefused((0..<23).map { refusal($0) })
        for (records, bytes) in [(1, Int64(1_000)), (7, 1_000), (100, 1), (100, 40), (100, 10_000)] {
            var (seen, after) = ([KeptRefusal](), String?.none)
            repeat {
                let page = try await fixture.lake.refusedPage(
                    RefusedFilter(), after: after, records: records, bytes: bytes)
                #expect(page.records.count <= records)
                #expect(
                    page.records.count <= 1 || page.records.reduce(0) { $0 + $1.event.byteCount } <= bytes)
                seen += page.records
                after = page.next
            } while after != nil
            #expect(seen.count == 23 && Set(seen.map(\.id)).count == 23)
            #expect(seen.allSatisfy { $0.event.bytes.count == $0.event.byteCount })
        }
    }

    @Test("a filter's text is text, whatever is in it")
    func filter() async throws {
        let fixture = try await Fixture()
        try await fixture.lake.keepRefused([
            refusal(1, source: "o'brien; DROP TABLE x --", reason: "50 % of \"it\" is_missing"), refusal(2),
        ])
        let count = { (filter: RefusedFilter) in try await fixture.lake.refusedRecords(filter, limit: 9).count
        }
        #expect(try await count(RefusedFilter(source: "o'brien; DROP TABLE x --")) == 1)
        #expect(try await count(RefusedFilter(reason: "50 % OF \"IT\"")) == 1)
        #expect(try await count(RefusedFilter(reason: "is_m")) == 1)
        #expect(try await count(RefusedFilter(reason: "isxm")) == 0)
        #expect(try await count(RefusedFilter(reason: "%")) == 1)
        #expect(throws: Failure.self) { try RefusedFilter(ids: ["' OR true"]) }
        #expect(throws: Failure.self) { try RefusedFilter(ids: ["abc"]) }
    }
}
