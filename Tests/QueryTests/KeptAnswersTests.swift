import Primitives
import Testing

@testable import Query

@Suite("Answers are kept")
struct KeptAnswersTests {
    private func request(_ sql: String = "SELECT 1", files: [String] = ["a"]) -> QueryRequest {
        let table = QueryCatalog.Table(name: "events", files: files, columns: "x INTEGER")
        return QueryRequest(catalog: QueryCatalog(tables: [table]), sql: sql, format: .ndjson)
    }

    private func asked(_ requests: [QueryRequest], of kept: KeptAnswers) async throws -> Int {
        let count = Box(0)
        for request in requests {
            _ = try await kept.answer(request) {
                count.change { $0 += 1 }
                return [UInt8](repeating: 7, count: 100)
            }
        }
        return count.value
    }

    @Test("for the same statement over the same files, and no other")
    func sameFiles() async throws {
        let kept = KeptAnswers()
        #expect(try await asked([request(), request(), request()], of: kept) == 1)
        #expect(
            try await asked([request(files: ["a", "b"]), request("SELECT 2"), request()], of: kept) == 2)
    }

    @Test("for a time")
    func time() async throws {
        let kept = KeptAnswers(KeptAnswers.Options(seconds: -1))
        #expect(try await asked([request(), request()], of: kept) == 2)
    }

    @Test("until there are more than fit, the newest longest")
    func bytes() async throws {
        let kept = KeptAnswers(KeptAnswers.Options(bytes: 1_000))
        let ten = (0..<10).map { request("SELECT \($0)") }
        #expect(try await asked(ten, of: kept) == 10)
        #expect(try await asked([ten[9], ten[3]], of: kept) == 0)
        #expect(try await asked([ten[0], ten[0]], of: kept) == 1)
    }

    @Test("not where one is so large that it would drive out all others")
    func large() async throws {
        let kept = KeptAnswers(KeptAnswers.Options(bytes: 700))
        #expect(try await asked([request(), request()], of: kept) == 2)
    }

    @Test("until somebody is erased, and not where they were begun before")
    func forgotten() async throws {
        let kept = KeptAnswers()
        #expect(try await asked([request()], of: kept) == 1)
        await kept.forgetAll()
        _ = try await kept.answer(request()) {
            await kept.forgetAll()
            return [1]
        }
        #expect(try await asked([request(), request()], of: kept) == 1)
    }

    @Test("and not given to who wants one anew; that one is kept in its place")
    func anew() async throws {
        let kept = KeptAnswers()
        #expect(try await asked([request()], of: kept) == 1)
        #expect(try await kept.answer(request(), isAnew: true) { [9] } == [9])
        #expect(try await kept.answer(request()) { [] } == [9])
    }

    @Test("not where it is a failure")
    func failure() async throws {
        let kept = KeptAnswers()
        await #expect(throws: Failure.self) {
            _ = try await kept.answer(request()) { throw Failure(.limit, "too much") }
        }
        #expect(try await asked([request()], of: kept) == 1)
    }

    @Test("and who asks what is being worked out waits for it")
    func together() async throws {
        let (kept, gate, count) = (KeptAnswers(), Gate(), Box(0))
        let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<5 {
                group.addTask {
                    try await kept.answer(request()) {
                        count.change { $0 += 1 }
                        await gate.passed()
                        return [1, 2]
                    }
                }
            }
            while await kept.waiting < 4 { await Task.yield() }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == [[UInt8]](repeating: [1, 2], count: 5))
        #expect(count.value == 1)
    }

    @Test("a failure is that of all who wait for it")
    func failsTogether() async throws {
        let (kept, gate) = (KeptAnswers(), Gate())
        let failures = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do {
                        _ = try await kept.answer(request()) {
                            await gate.passed()
                            throw Failure(.limit, "too much")
                        }
                        return false
                    } catch { return (error as? Failure)?.kind == .limit }
                }
            }
            while await kept.waiting < 2 { await Task.yield() }
            gate.open()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 3)
    }

    @Test("where the first who asked goes, the next one asks; who waits may go as well")
    func leaves() async throws {
        let (kept, gate, count) = (KeptAnswers(), Gate(), Box(0))
        @Sendable func ask() async throws -> [UInt8] {
            try await kept.answer(request()) {
                count.change { $0 += 1 }
                if count.value == 1 {
                    // As a statement whose caller goes.
                    while !Task.isCancelled { await Task.yield() }
                    throw CancellationError()
                }
                await gate.passed()
                return [3]
            }
        }
        let first = Task { try await ask() }
        while count.value == 0 { await Task.yield() }
        let others = (0..<3).map { _ in Task { try await ask() } }
        while await kept.waiting < 3 { await Task.yield() }
        others[0].cancel()
        await #expect(throws: CancellationError.self) { _ = try await others[0].value }
        first.cancel()
        await #expect(throws: CancellationError.self) { _ = try await first.value }
        gate.open()
        #expect(try await others[1].value == [3])
        #expect(try await others[2].value == [3])
        #expect(count.value == 2)
    }
}

/// Holds those up who come before it is opened.
private final class Gate: Sendable {
    private let isOpen = Box(false)

    func open() { isOpen.change { $0 = true } }

    func passed() async { while !isOpen.value { await Task.yield() } }
}
