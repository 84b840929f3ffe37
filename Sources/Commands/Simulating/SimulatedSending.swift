import AWSProtocols
import Foundation
import Primitives
import Senders
import Simulation

/// Sends simulated events to a receiver and tells what became of them.
struct SimulatedSending {
    let options: SendingOptions
    let home: HomeOptions
    let simulation: SimulationOptions
    /// File for what was acknowledged, counted.
    let truth: String?

    /// Sends until the events or the time end, or Ctrl-C; the report comes in any case.
    ///
    /// - Throws: ``Failure`` of kind refused if some events were not taken, cancelled after Ctrl-C.
    func run(into target: String) async throws {
        let destination = try await options.destination(target, home: home)
        let ledger = try DeliveryLedger(
            destination.road, keepsTruth: truth != nil, file: options.acknowledged)
        let feed = try EventFeed(simulation, isEndless: options.duration != nil)
        let host = destination.road == .sns ? try await SNSHost(options) : nil
        let plan = try plan(for: destination.road)
        let run = try SendingRun(
            to: destination, plan: plan, feed: feed, ledger: ledger, signer: host?.keys.signer)
        var end: (any Error)?
        do {
            try await Interrupt.cancels {
                try await run.run { Terminal.progress(SimulatedSending.line($0)) }
            }
        } catch { end = error }
        Terminal.endProgress()
        try await host?.certificates.close()
        try await tell(ledger)
        if let end { throw end }
        let lost = await ledger.report.lostEvents
        if lost > 0 {
            throw Failure(.input, "\(Terminal.counted(lost, "event")) were not taken; the report says why")
        }
    }

    private func plan(for road: Road) throws -> SendingPlan {
        SendingPlan(
            rate: try options.eventsPerSecond, batch: options.batch ?? min(500, road.mostEvents),
            connections: options.connections, seconds: options.duration, redelivered: options.redeliver,
            retry: options.retryPolicy(of: road), isPrepared: options.prepare)
    }

    private func tell(_ ledger: DeliveryLedger) async throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        if let truth {
            let bytes = try encoder.encode(await ledger.truth) + Data("\n".utf8)
            do { try bytes.write(to: URL(filePath: truth), options: .atomic) } catch {
                throw Failure(.storage, "cannot write '\(truth)': \(error.localizedDescription)")
            }
        }
        let report = await ledger.report
        guard !options.json else {
            return print(String(decoding: try encoder.encode(report), as: UTF8.self))
        }
        for line in SimulatedSending.table(report).lines.dropFirst(2) { print(line) }
    }

    private static func line(_ report: DeliveryReport) -> String {
        "sent \(report.events.grouped) · acknowledged \(report.acknowledgedEvents.grouped)"
            + " · lost \(report.lostEvents.grouped) · \(Int(report.eventsPerSecond).grouped)/s"
            + " · p50 \(milliseconds(report.p50Ms)) · p99 \(milliseconds(report.p99Ms))"
    }

    private static func table(_ report: DeliveryReport) -> TextTable {
        var table = TextTable([.init(title: ""), .init(title: "", isNumeric: true)])
        table.add(["requests", report.requests.grouped])
        table.add(["events", report.events.grouped])
        table.add(["acknowledged", report.acknowledgedEvents.grouped])
        table.add(["lost", report.lostEvents.grouped])
        table.add(["requests sent once more", report.redelivered.grouped])
        for (answer, count) in report.answers.sorted(by: { $0.key < $1.key }) {
            table.add(["attempts: \(answer)", count.grouped])
        }
        table.add(["seconds", String(format: "%.1f", report.seconds)])
        table.add(["events/s", Int(report.eventsPerSecond).grouped])
        table.add(["p50", milliseconds(report.p50Ms)])
        table.add(["p99", milliseconds(report.p99Ms)])
        table.add(["longest", milliseconds(report.maxMs)])
        return table
    }

    private static func milliseconds(_ value: Double) -> String { String(format: "%.1f ms", value) }
}

/// The simulated SNS while it sends: its keys, and the port at which its certificate is fetched.
private struct SNSHost {
    let keys: SimulatedSNS
    let certificates: CertificateHost

    init(_ options: SendingOptions) async throws {
        keys = try SimulatedSNS(folder: options.snsKeys)
        certificates = try await CertificateHost(
            port: options.snsPort, certificatePEM: keys.signer.certificatePEM)
        Terminal.error(
            "the receiver must trust this SNS: sesame serve --sns-roots \(keys.roots) --sns-endpoint \(certificates.url)"
        )
    }
}
