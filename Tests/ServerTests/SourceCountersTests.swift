import ControlPlane
import Foundation
import Primitives
import Testing

@testable import Server

@Suite("Counters of sources of kind http")
struct SourceCountersTests {
    @Test("what came and what was refused is counted on the source, with the code its sender was told")
    func counters() async throws {
        let directory = CountingDirectory()
        try await ServerFixture.run(change: { $0.directory = directory }) { server in
            let created = try await server.control.addSource(
                "shop", settings: .http, by: ServerFixture.actor)
            let token = try #require(created.secret).text
            let path = "/ingest/http/shop"
            let events = "{\"a\":1}\n{\"a\":2}\n[{\"a\":3},{\"a\":4}]\n"
            #expect(try await server.post(events.utf8, token: token, path: path).status == 200)
            #expect(try await server.post("no json".utf8, token: token, path: path).status == 400)
            #expect(try await server.post("".utf8, token: token, path: path).status == 400)
            // An API token that names no source is nobody's.
            let api = try await server.token()
            #expect(try await server.post("{}".utf8, token: api).status == 200)
            let found = await directory.activities
            #expect(found.keys.sorted() == [created.source.id])
            let activity = try #require(found[created.source.id])
            #expect(activity.events == 4)
            #expect(activity.refused == ["not-json": 1, "empty-body": 1])
            #expect(activity.lastEventAt != nil && activity.lastError == "the body holds no events")
        }
    }
}

/// Adds up what it is told.
private actor CountingDirectory: SourceDirectory {
    var activities: [Int64: SourceActivity] = [:]

    func sources(atMost age: Duration) async throws -> SourceList { SourceList([], signers: []) }
    func invalidate() async {}
    func record(_ activity: SourceActivity, of source: Source) async {
        activities[source.id, default: SourceActivity()].add(activity)
    }
}
