import Foundation
import Primitives
import Testing

@testable import Analytics
@testable import Query

/// Statements that run on their own, in real workers.
@Suite("Statements handed in", .enabled(if: WorkerFixture.isBuilt))
struct StatementBookTests {
    /// A book over a lake without tables.
    private static func run(
        _ change: (inout StatementBook.Options) -> Void = { _ in },
        now: @escaping @Sendable () -> Timestamp = { .now },
        _ body: (StatementBook, String) async throws -> Void
    ) async throws {
        let lake = try TemporaryLake()
        var options = StatementBook.Options()
        change(&options)
        let pool = WorkerFixture().pool
        let folder = lake.path + "/results"
        let book = try StatementBook(pool: pool, folder: folder, options: options, now: now) { _ in
            QuerySnapshot(
                catalog: QueryCatalog(tables: []), columns: [:],
                freshness: .init(snapshotVersion: 0, lastEventAt: nil))
        }
        try await body(book, folder)
        await book.shutDown()
        await pool.shutDown()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    private static let endless = "SELECT count(*) FROM range(1000000000000) a(x) WHERE hash(x) = 1"

    @Test(
        "an empty row set, a row and many rows come page by page, each once and in order",
        arguments: [0, 1, 2_500])
    func pages(count: Int) async throws {
        try await Self.run { book, _ in
            let sql = "SELECT i, repeat('x', i % 40) AS text FROM range(\(count)) t(i) ORDER BY i"
            let id = try await book.submit(sql, timeoutSeconds: 60).id
            await book.end(of: id)
            let status = try await book.status(id)
            #expect(status.state == .succeeded && status.rows == count && status.progress == 1)
            var (numbers, place): ([Int], Int?) = ([], 0)
            while let start = place {
                let (rows, next) = try await book.rows(id, from: start, limit: 700)
                numbers += try rows.map { row in
                    let object = try JSONSerialization.jsonObject(with: Data(row)) as? [String: Any]
                    return object?["i"] as? Int ?? -1
                }
                place = next
            }
            #expect(numbers == Array(0..<count))
        }
    }

    @Test("a place at which no page ended is refused")
    func places() async throws {
        try await Self.run { book, _ in
            let id = try await book.submit("SELECT 'abc' AS a FROM range(3)", timeoutSeconds: 60).id
            await book.end(of: id)
            for place in [1, 5, 1_000_000] {
                await #expect(throws: Failure.self) { _ = try await book.rows(id, from: place, limit: 1) }
            }
        }
    }

    @Test("a statement that fails keeps the engine's words; one that is refused says so")
    func failures() async throws {
        try await Self.run { book, _ in
            let wrong = try await book.submit("SELECT nothing", timeoutSeconds: 60).id
            await book.end(of: wrong)
            #expect(try await book.status(wrong).failure?.kind == .usage)
            #expect(try await book.status(wrong).failure?.message.contains("nothing") == true)
            let refused = try await book.submit("DROP TABLE x", timeoutSeconds: 60).id
            await book.end(of: refused)
            #expect(try await book.status(refused).failure?.kind == .refused)
        }
    }

    @Test("what runs can be cancelled, and the next runs")
    func cancel() async throws {
        try await Self.run { book, _ in
            let long = try await book.submit(Self.endless, timeoutSeconds: 600).id
            let next = try await book.submit("SELECT 1 AS one", timeoutSeconds: 60)
            #expect(next.state == .queued)
            let waiting = try await book.submit("SELECT 2 AS two", timeoutSeconds: 60).id
            #expect(try await book.cancel(waiting).state == .cancelled)
            let cancelled = try await book.cancel(long)
            #expect(cancelled.state == .cancelled)
            await book.end(of: long)
            await book.end(of: next.id)
            #expect(try await book.status(next.id).state == .succeeded)
            #expect(try await book.status(long).state == .cancelled)
            #expect(try await book.cancel(next.id).state == .succeeded)
        }
    }

    @Test("more than may wait are told so")
    func bound() async throws {
        try await Self.run({ $0.waiting = 2 }) { book, _ in
            for _ in 0..<3 { _ = try await book.submit(Self.endless, timeoutSeconds: 600) }
            await #expect(throws: Failure.self) { _ = try await book.submit("SELECT 1", timeoutSeconds: 60) }
            #expect(await book.statuses().map(\.state) == [.queued, .queued, .running])
        }
    }

    @Test("a result beyond its bound ends its statement and leaves no file")
    func size() async throws {
        try await Self.run({ $0.resultBytes = 100_000 }) { book, folder in
            let id = try await book.submit(
                "SELECT repeat('x', 1000) AS text FROM range(100000)", timeoutSeconds: 60
            ).id
            await book.end(of: id)
            let status = try await book.status(id)
            #expect(status.state == .failed && status.failure?.kind == .limit && status.bytes == 0)
            #expect(try await book.rows(id, from: 0, limit: 10).rows.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("what has ended is kept for its time, and no more of it than may be")
    func keeping() async throws {
        let clock = Box(Timestamp("2026-04-01T00:00:00Z"))
        try await Self.run({ $0.kept = 2 }, now: { clock.value }) { book, folder in
            var ids: [String] = []
            for number in 0..<3 {
                ids.append(try await book.submit("SELECT \(number) AS n", timeoutSeconds: 60).id)
                await book.end(of: ids[number])
                clock.change { $0 = $0.moved(by: 1_000_000) }
            }
            await #expect(throws: Failure.self) { _ = try await book.status(ids[0]) }
            #expect(await book.statuses().map(\.id) == [ids[2], ids[1]])
            clock.change { $0 = $0.moved(by: 3_601_000_000) }
            #expect(await book.statuses().isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("when somebody has to be forgotten, results go and what runs is cancelled")
    func forgetting() async throws {
        try await Self.run { book, folder in
            let done = try await book.submit("SELECT 'ann@example.com' AS a", timeoutSeconds: 60).id
            await book.end(of: done)
            let running = try await book.submit(Self.endless, timeoutSeconds: 600).id
            await book.dropResults()
            await #expect(throws: Failure.self) { _ = try await book.status(done) }
            #expect(try await book.status(running).state == .cancelled)
            await book.end(of: running)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }
}

extension Timestamp {
    /// A time in a test, which is known to be one.
    init(_ text: StaticString) { self = Timestamp(parsing: "\(text)") ?? Timestamp(microseconds: 0) }
}
