import ArgumentParser
import EventLog
import Foundation
import Ingest
import Lake
import Primitives

/// `sesame live-test`: the live way from the log to the lake, fed from standard input; for tests that kill it.
///
/// Each line of input is appended as a record; one of the form `@NAME …` as a record of the stream NAME. Its number, from 1, is printed when it is durable. At the end of the input
/// everything is in the lake before the process ends.
struct LiveTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live-test", abstract: "Append lines of standard input to the event log.",
        shouldDisplay: false)

    @OptionGroup var options: HomeOptions
    @Option(help: "Lines of one append.") var batch = 1
    @Option(help: "Milliseconds that the first record of a commit waits for others.") var delay = 700
    @Option(help: "Bytes of a segment of the log.") var segment = 64 << 20
    @Option(help: "Commits from one checkpoint to the next.") var checkpoint: Int64 = 100
    @Option(help: "Milliseconds from one look of the keeper to the next.") var period = 1_000
    @Flag(help: "Print what each commit brought instead of line numbers.") var commits = false

    func run() async throws {
        var logOptions = LogOptions()
        logOptions.segmentBytes = segment
        var (drainPolicy, upkeep) = (DrainPolicy(), UpkeepPolicy())
        drainPolicy.delay = .milliseconds(delay)
        (upkeep.checkpointCommits, upkeep.period) = (checkpoint, .milliseconds(period))
        let warn: @Sendable (Failure) -> Void = { Terminal.error("sesame: \($0)") }
        let live = try await LiveLake.open(
            options.directory, log: logOptions, drain: drainPolicy, upkeep: upkeep, onBatch: report,
            onWarning: warn)
        try await live.run {
            do { try await feed(live.log) } catch { warn(Failure(.storage, "\(error)")) }
        }
        await live.log.close()
    }

    private var report: @Sendable (DrainedBatch) -> Void {
        guard commits else { return { _ in } }
        let start = ContinuousClock.now
        return { batch in
            print("\(start.duration(to: .now)) \(batch)")
            fflush(nil)
        }
    }

    private func feed(_ log: EventLog) async throws {
        var (number, waiting) = (0, [LogRecord]())
        func append() async throws {
            try await log.append(waiting)
            for line in number - waiting.count + 1..<number + 1 where !commits { print(line) }
            fflush(nil)
            waiting = []
        }
        let input = StandardInput()
        while let line = await input.next() {
            number += 1
            waiting.append(record(line, number))
            if waiting.count >= batch { try await append() }
        }
        if !waiting.isEmpty { try await append() }
    }

    private func record(_ line: String, _ number: Int) -> LogRecord {
        var (body, origin) = (line[...], [LogAttribute("request_id", "line-\(number)")])
        if line.hasPrefix("@"), let space = line.firstIndex(of: " ") {
            origin.append(LogAttribute("stream", String(line[line.index(after: line.startIndex)..<space])))
            body = line[space...]
        }
        return LogRecord(receivedAt: .now, source: "live-test", origin: origin, body: Array(body.utf8))
    }
}

/// Standard input, read off the cooperative pool.
private actor StandardInput {
    private let executor = BlockingExecutor(label: "sesame.stdin")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func next() -> String? { readLine() }
}
