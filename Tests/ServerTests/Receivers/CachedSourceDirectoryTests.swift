import ControlPlane
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

@Suite("The directory of sources")
struct CachedSourceDirectoryTests {
    private let world: ReceiverWorld
    init() async throws { world = try await ReceiverWorld() }

    private func find(_ name: String) async throws -> Source? {
        try await world.directory.find { $0.source(.firehose, name) }
    }

    @Test("a list is read once for many requests, and anew after two seconds")
    func cached() async throws {
        try await world.add("a", .firehose)
        #expect(try await find("a")?.pausedAt == nil)
        try await world.database.setSource("a", paused: true, by: ReceiverWorld.actor)
        world.pass(.milliseconds(1_999))
        #expect(try await find("a")?.pausedAt == nil)
        world.pass(.milliseconds(1))
        #expect(try await find("a")?.pausedAt != nil)
        try await world.database.removeSource("a", by: ReceiverWorld.actor)
        world.pass(.seconds(2))
        #expect(try await find("a") == nil)
    }

    @Test("a source that was just added is found, but strangers cause no more than four reads a second")
    func absence() async throws {
        #expect(try await find("new") == nil)
        try await world.add("new", .firehose)
        world.pass(.milliseconds(249))
        #expect(try await find("new") == nil)
        world.pass(.milliseconds(1))
        #expect(try await find("new") != nil)
    }

    @Test("after an invalidation the next request sees the change")
    func invalidation() async throws {
        #expect(try await find("new") == nil)
        try await world.add("new", .firehose)
        await world.directory.invalidate()
        #expect(try await find("new") != nil)
    }

    @Test("many at once share one reading")
    func shared() async throws {
        try await world.add("a", .firehose)
        let found = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { try await find("a") != nil } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(found == 200)
    }

    @Test("a database that cannot be read lets nobody in and loses nothing: 503")
    func unreadable() async throws {
        let key = try await world.add("a", .firehose)
        let receiver = FirehoseReceiver(context: world.context)
        _ = try await find("a")
        try world.database.close()
        world.pass(.seconds(2))
        let answer = await receiver.receive(try post("a", [], headers: [("X-Amz-Firehose-Access-Key", key)]))
        #expect(answer.status == .serviceUnavailable && answer.outcome == "unavailable")
        #expect(answer.headers[.retryAfter] != nil && !answer.text.contains(world.home.path))
    }

    @Test("counters that cannot be written are written the next time")
    func counters() async throws {
        try await world.add("a", .firehose)
        let source = try #require(try await find("a"))
        var activity = SourceActivity()
        activity.events = 3
        await world.directory.record(activity, of: source)
        await world.directory.record(activity, of: source)
        #expect(try await world.status("a")?.events == 6)
        #expect(try await world.status("a")?.events == 6, "each is written once")
    }

    @Test("what was counted before the server ends is written, also by a task that is cancelled")
    func cancelled() async throws {
        try await world.add("a", .firehose)
        let source = try #require(try await find("a"))
        var activity = SourceActivity()
        activity.events = 3
        await world.directory.record(activity, of: source)
        let run = Task { [directory = world.directory] in try await directory.run() }
        run.cancel()
        try await run.value
        #expect(try await world.database.sourceStatuses()[source.id]?.events == 3)
    }
}
