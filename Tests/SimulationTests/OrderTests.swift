import Foundation
import Primitives
import Simulation
import Testing

@Suite struct `The order of lines` {
    @Test func `is the order of event time by default`() throws {
        let times = try SimulatedOutput(SimulationOptions(messages: 1_500)).events().map(\.time)
        #expect(times == times.sorted())
    }

    @Test func `is disturbed by the share asked for`() throws {
        let output = try SimulatedOutput(SimulationOptions(messages: 3_000, outOfOrder: 0.1))
        let times = try output.events().map(\.time)
        var latest = ""
        let late = times.count { time in
            defer { latest = max(latest, time) }
            return time < latest
        }
        let share = Double(late) / Double(times.count)
        #expect((0.08...0.12).contains(share))
        #expect(output.truth.displaced >= late)
        #expect(output.truth.duplicates == 0)
    }

    @Test func `has the duplicates asked for, byte for byte and later`() throws {
        let output = try SimulatedOutput(SimulationOptions(messages: 3_000, duplicates: 0.05))
        let distinct = Set(output.lines)
        #expect(output.lines.count - distinct.count == output.truth.duplicates)
        #expect(output.truth.events == distinct.count)
        #expect(output.truth.lines == output.lines.count)
        let share = Double(output.truth.duplicates) / Double(output.truth.events)
        #expect((0.04...0.06).contains(share))
    }

    @Test func `never makes two events look like one`() throws {
        let events = try SimulatedOutput(SimulationOptions(messages: 4_000)).events()
        #expect(Set(events.map(\.identity)).count == events.count)
        let sends = events.filter { ["Send", "Reject", "Rendering Failure"].contains($0.type) }
        #expect(Set(sends.map(\.messageID)).count == 4_000)
    }

    @Test func `ends with the run if told so, else trails for up to 60 days`() throws {
        let end = SimulationOptions.defaultEnd.description
        let cut = try SimulatedOutput(SimulationOptions(messages: 3_000, stopsAtEnd: true))
        #expect(cut.truth.last_event < end)
        let whole = try SimulatedOutput(SimulationOptions(messages: 3_000))
        #expect(whole.truth.last_event > end)
        let sentAt = try whole.events().map(\.sentAt)
        #expect(sentAt.allSatisfy { $0 >= "2026-07-02" && $0 < end })
    }
}
