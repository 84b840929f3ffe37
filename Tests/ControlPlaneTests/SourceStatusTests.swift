import Primitives
import Testing

@testable import ControlPlane

@Suite("A source's counters")
struct SourceStatusTests {
    let home = TemporaryHome()

    @Test("add up over batches and keep the newest time and error")
    func sums() async throws {
        let control = try await home.open()
        let source = try await control.addSource("shop", settings: .http, by: tester).source
        #expect(try await control.sourceStatuses() == [source.id: SourceStatus()])
        var first = SourceActivity()
        (first.lastEventAt, first.events, first.duplicates) = (noon, 10, 2)
        (first.refused, first.lastError, first.lastErrorAt) = (["not JSON": 3], "no", noon)
        var second = SourceActivity()
        (second.lastEventAt, second.events) = (noon.adding(seconds: -5), 1)
        second.fetchedAt = noon
        second.refused = ["not JSON": 1, "signature": 2]
        try await control.record([source.id: first, 999: first])
        try await control.record([source.id: second])
        let status = try #require(try await control.sourceStatuses()[source.id])
        #expect(
            status.lastEventAt == noon && status.events == 11 && status.duplicates == 2 && status.refused == 6
        )
        #expect(status.refusedByReason == ["not JSON": 4, "signature": 2])
        #expect(status.lastError == "no" && status.lastErrorAt == noon && status.fetchedAt == noon)
        var sum = first
        sum.add(second)
        #expect(
            sum.events == 11 && sum.refused == ["not JSON": 4, "signature": 2] && sum.lastEventAt == noon)
    }

    @Test("count what was there already by the names of sources; one that is gone is passed over")
    func duplicates() async throws {
        let control = try await home.open()
        let source = try await control.addSource("shop", settings: .http, by: tester).source
        try await control.record(duplicates: ["shop": 2, "gone": 5])
        try await control.record(duplicates: ["shop": 1])
        let statuses = try await control.sourceStatuses()
        #expect(statuses.count == 1 && statuses[source.id]?.duplicates == 3)
    }

    @Test("hold a bounded number of reasons")
    func reasons() async throws {
        let control = try await home.open()
        let source = try await control.addSource("shop", settings: .http, by: tester).source
        var activity = SourceActivity()
        for number in 0..<200 { activity.refused["reason \(number)"] = 1 }
        try await control.record([source.id: activity])
        try await control.record([source.id: activity])
        let status = try #require(try await control.sourceStatuses()[source.id])
        #expect(status.refusedByReason.count == ControlDatabase.reasonLimit + 1)
        #expect(status.refusedByReason.values.reduce(0, +) == 400 && status.refused == 400)
    }

    @Test("go with the source")
    func removal() async throws {
        let control = try await home.open()
        let source = try await control.addSource("shop", settings: .http, by: tester).source
        var activity = SourceActivity()
        (activity.events, activity.refused) = (1, ["x": 1])
        try await control.record([source.id: activity])
        try await control.removeSource("shop", by: tester)
        #expect(try await control.sourceStatuses().isEmpty)
        try await control.record([source.id: activity])
    }
}
