import Primitives
import Simulation

/// Events of the simulator in batches, generated when they are asked for.
///
/// An actor on a thread of its own: generating is pure computing, and would hold up those who send.
public actor EventFeed {
    private let executor = BlockingExecutor(label: "sesame.simulation")
    private var options: SimulationOptions
    private let isEndless: Bool
    private var simulator: TrafficSimulator
    private var isAtEnd = false
    private var waiting = EventBatch()
    private var ready: [EventBatch] = []
    private var taken = 0

    /// The thread of the simulator.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// A feed of one history; an endless one goes on with the history of the next seed.
    ///
    /// - Throws: ``Failure`` of kind usage for options out of range.
    public init(_ options: SimulationOptions, isEndless: Bool = false) throws {
        self.options = options
        self.isEndless = isEndless
        simulator = try TrafficSimulator(options)
    }

    /// The next events, as many as asked for except at the end; nil after it.
    func next(_ count: Int) throws -> EventBatch? {
        while taken == ready.count, !isAtEnd { try generate(count) }
        guard taken < ready.count else { return nil }
        defer { taken += 1 }
        return ready[taken]
    }

    /// Lets the simulator take a step, which gives any number of events.
    private func generate(_ count: Int) throws {
        ready.removeAll(keepingCapacity: true)
        taken = 0
        let goesOn = try simulator.step { line in
            waiting.append(line)
            if waiting.count == count {
                ready.append(waiting)
                waiting = EventBatch()
            }
        }
        guard !goesOn else { return }
        if isEndless {
            options.seed &+= 1
            simulator = try TrafficSimulator(options)
        } else {
            isAtEnd = true
            if waiting.count > 0 { ready.append(waiting) }
            waiting = EventBatch()
        }
    }
}
