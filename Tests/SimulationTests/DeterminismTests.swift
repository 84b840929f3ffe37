import Foundation
import Primitives
import Simulation
import Testing

@Suite struct `A simulation` {
    @Test func `gives the same bytes for the same options`() throws {
        let options = SimulationOptions(messages: 1_500, seed: 11, duplicates: 0.02, outOfOrder: 0.05)
        let (first, second) = (try SimulatedOutput(options), try SimulatedOutput(options))
        #expect(first.lines == second.lines)
        #expect(first.truth == second.truth)
        #expect(try first.truth.json() == second.truth.json())
    }

    @Test func `gives another history for another seed`() throws {
        let first = try SimulatedOutput(SimulationOptions(messages: 100, seed: 1))
        let second = try SimulatedOutput(SimulationOptions(messages: 100, seed: 2))
        #expect(Set(first.lines).isDisjoint(with: second.lines))
    }

    @Test func `keeps its history when disorder is added`() throws {
        let plain = try SimulatedOutput(SimulationOptions(messages: 1_000))
        let disturbed = try SimulatedOutput(
            SimulationOptions(messages: 1_000, duplicates: 0.1, outOfOrder: 0.2))
        #expect(Set(plain.lines) == Set(disturbed.lines))
    }

    @Test(arguments: [1, 2, 50])
    func `works however few messages there are`(messages: Int) throws {
        let output = try SimulatedOutput(SimulationOptions(messages: messages, days: 1))
        #expect(output.truth.messages == messages)
        #expect(output.lines.count >= messages)
    }

    @Test(arguments: [
        SimulationOptions(messages: 0), SimulationOptions(days: 0), SimulationOptions(duplicates: 1.5),
        SimulationOptions(outOfOrder: -0.1), SimulationOptions(end: CivilDay(daysSinceEpoch: 3)),
    ])
    func `refuses options out of range`(options: SimulationOptions) {
        #expect { _ = try TrafficSimulator(options) } throws: { ($0 as? Failure)?.kind == .usage }
    }
}
