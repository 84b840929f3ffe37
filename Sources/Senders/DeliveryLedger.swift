import Foundation
import Primitives

/// Keeps account of all deliveries of a run.
///
/// On a thread of its own, for it writes a file.
public actor DeliveryLedger {
    private let executor = BlockingExecutor(label: "sesame.ledger")
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    private var counts = DeliveryReport()
    private var latencies = LatencyHistogram()
    private let keepsTruth: Bool
    private let file: FileHandle?
    private var truthSoFar = DeliveryTruth()
    /// Hashes of acknowledged lines: two that agree by chance would be one in a hundred million runs of a million events.
    private var seen: Set<Int> = []

    /// The thread of the ledger.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// An empty ledger of a road.
    ///
    /// - Parameters:
    ///   - keepsTruth: whether events are told apart, for ``truth``; costs some 40 bytes an event.
    ///   - file: a file to which the lines of acknowledged requests are written as soon as they are acknowledged.
    /// - Throws: ``Failure`` of kind storage if the file cannot be made.
    public init(_ road: Road, keepsTruth: Bool = false, file: String? = nil) throws(Failure) {
        counts.road = road.rawValue
        self.keepsTruth = keepsTruth
        guard let file else {
            self.file = nil
            return
        }
        guard FileManager.default.createFile(atPath: file, contents: nil),
            let handle = FileHandle(forWritingAtPath: file)
        else { throw Failure(.storage, "cannot create '\(file)'") }
        self.file = handle
    }

    /// The account so far.
    public var report: DeliveryReport {
        var report = counts
        if let start, let last { report.seconds = (last - start).inSeconds }
        report.eventsPerSecond = report.seconds > 0 ? Double(report.acknowledgedEvents) / report.seconds : 0
        (report.p50Ms, report.p90Ms) = (milliseconds(0.5), milliseconds(0.9))
        (report.p99Ms, report.maxMs) = (milliseconds(0.99), Double(latencies.largest) / 1_000)
        return report
    }

    /// What was acknowledged, where it is kept.
    public var truth: DeliveryTruth { truthSoFar }

    private func milliseconds(_ share: Double) -> Double { Double(latencies.quantile(share)) / 1_000 }

    func begin(at instant: ContinuousClock.Instant) { start = instant }

    func note(_ attempt: Attempt) {
        switch attempt {
        case .acknowledged: counts.answers["200", default: 0] += 1
        case .refused(let status, _): counts.answers["\(status)", default: 0] += 1
        case .failed: counts.answers["no answer", default: 0] += 1
        }
    }

    func noteRedelivery() { counts.redelivered += 1 }

    /// Closes a request: acknowledged at `instant`, or lost if that is nil.
    func close(_ events: EventBatch, due: ContinuousClock.Instant, at instant: ContinuousClock.Instant?)
        throws
    {
        counts.requests += 1
        counts.events += events.count
        guard let instant else {
            counts.lostRequests += 1
            counts.lostEvents += events.count
            return
        }
        counts.acknowledgedRequests += 1
        counts.acknowledgedEvents += events.count
        latencies.add(microseconds: Int((instant - due).inSeconds * 1_000_000))
        last = max(last ?? instant, instant)
        if keepsTruth { remember(events) }
        try file?.write(contentsOf: events.bytes)
    }

    private func remember(_ events: EventBatch) {
        for index in 0..<events.count where seen.insert(events.event(index).hashValue).inserted {
            truthSoFar.events += 1
            truthSoFar.byType[events.type(of: index), default: 0] += 1
        }
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
