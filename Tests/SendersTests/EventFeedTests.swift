import Simulation
import Testing

@testable import Senders

@Suite("Event feed")
struct EventFeedTests {
    private static let options = SimulationOptions(messages: 200, days: 2, duplicates: 0.1, outOfOrder: 0.1)

    private static func lines(_ options: SimulationOptions) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var simulator = try TrafficSimulator(options)
        _ = try simulator.run { bytes.append(contentsOf: $0) }
        return bytes
    }

    @Test("batches hold what the simulator writes, in its order", arguments: [1, 7, 500, 100_000])
    func batches(size: Int) async throws {
        let feed = try EventFeed(Self.options)
        var (bytes, counts): ([UInt8], [Int]) = ([], [])
        while let batch = try await feed.next(size) {
            bytes += batch.bytes
            counts.append(batch.count)
        }
        #expect(try bytes == Self.lines(Self.options))
        #expect(counts.dropLast().allSatisfy { $0 == size })
        #expect(try await feed.next(size) == nil)
    }

    @Test("an endless feed goes on with the next seed's history")
    func endless() async throws {
        var following = Self.options
        following.seed += 1
        let expected = try Self.lines(Self.options) + Self.lines(following)
        let feed = try EventFeed(Self.options, isEndless: true)
        var bytes: [UInt8] = []
        while bytes.count < expected.count, let batch = try await feed.next(1) { bytes += batch.bytes }
        #expect(bytes == expected)
    }
}
