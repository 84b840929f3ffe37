import ArgumentParser
import ControlPlane
import EventLog
import Foundation
import Ingest
import Lake
import Primitives

extension RetentionCommand {
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete what is old enough now, and make anonymous what is.",
            discussion: """
                It cannot be undone, and older versions of the tables go with it. Killed, it is simply run again. While a server \
                runs, the server does the work and this waits for it. A clock that jumped ahead is not believed, and nothing \
                is done.
                """)
        @OptionGroup var options: HomeOptions
        @Flag(help: "Only say what would go.") var dryRun = false
        @Flag(help: "Believe the clock of this machine, which you looked at.") var clockIsRight = false
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            guard options.directory.exists else {
                throw Failure(
                    .notFound,
                    "there is no lake in \(options.directory.url.path) yet, so there is nothing to delete")
            }
            let control = try await options.makeControl()
            if clockIsRight, !dryRun { try await control.noteClock(.now, isConfirmed: true) }
            let lake = try await openLake(options)
            let work = RetentionWork(lake: lake, control: control)
            let isUnfinished = try lake.retention.load().isUnfinished
            guard try await !control.retention().isEmpty || isUnfinished else {
                print("everything is kept; set limits with: sesame retention set events --delete-after 400d")
                return
            }
            let policy = try await control.retention()
            if dryRun {
                let changes = try await RetentionRun.findings(lake, policy.horizons(at: .now))
                Terminal.endProgress()
                return report(changes)
            }
            // Before a server is asked, so that the sentence comes at once.
            _ = try await work.horizons()
            let done = try await apply(work)
            try control.close()
            report(done.changes)
            if let failure = done.failure { throw Failure(.storage, failure) }
        }

        // MARK: Steps

        /// Does the work where nobody else has the lake, and waits for whoever has it otherwise: a server takes the order, and of
        /// an import the end is waited for.
        private func apply(_ work: RetentionWork) async throws -> RetentionReport {
            let journal = work.lake.retention
            let order = RetentionRequest()
            var isAsked = false
            while true {
                if let lock = try? WriterLock(lake: options.directory.lake) {
                    defer { withExtendedLifetime(lock) {} }
                    try journal.answer(order)
                    if let done = try journal.load().lastRun, done.id == order.id { return done }
                    return try await run(work, order.id)
                }
                if let done = try journal.load().lastRun, done.id == order.id { return done }
                if !isAsked {
                    try journal.ask(order)
                    Terminal.error(
                        "another Sesame process has the lake; waiting for it to do this, or to end")
                    isAsked = true
                }
                try await Task.sleep(for: .milliseconds(200))
            }
        }

        private func run(_ work: RetentionWork, _ id: String) async throws -> RetentionReport {
            try await work.lake.create()
            try await work.lake.removeLeftovers()
            var log: EventLog?
            if FileManager.default.fileExists(atPath: options.directory.log.path) {
                var logOptions = LogOptions()
                logOptions.startingOffset = try await work.lake.furthestOffset()
                log = try await EventLog.open(options.directory.log.path, logOptions)
            }
            var run = RetentionRun(
                work.lake, try await work.horizons(), purges: true, report: RetentionReport(id: id))
            do {
                try await run.run(log)
                await log?.close()
                Terminal.endProgress()
            } catch {
                await log?.close()
                Terminal.endProgress()
                throw error
            }
            return try await work.end(run.report, by: options.actor)
        }

        private func report(_ changes: [RetentionChange]) {
            guard format == .table else {
                return AnswerRows(
                    columns: ["table", "action", "days", "rows", "bytes"],
                    rows: changes.map {
                        [
                            .text($0.table), .text($0.action.rawValue), .number(Double($0.days)),
                            .number(Double($0.rows)), .number(Double($0.bytes)),
                        ]
                    }
                ).print(format)
            }
            for change in changes { print(change.sentence(isDone: !dryRun)) }
            if changes.isEmpty { print("nothing is old enough") }
        }
    }
}
