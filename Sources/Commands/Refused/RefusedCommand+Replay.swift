import ArgumentParser
import EventLog
import Foundation
import Ingest
import Lake
import Primitives
import Server

extension RefusedCommand {
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send refused records through the same way again.",
            discussion: """
                What can be read now goes into events and leaves refused; what cannot stays, under the reason of today. An \
                event that is there already counts once. A replay that was killed can simply be run again. Where a server \
                runs over this home, the server does it.
                """)
        @OptionGroup var options: HomeOptions
        @OptionGroup var choice: RefusedChoice
        @Flag(help: "All refused records.") var all = false
        @Flag(help: "Change nothing; say what would happen.") var dryRun = false
        @Flag(help: "Print the report as JSON.") var json = false
        @Argument(help: "Ids, or their first 6 characters or more.") var ids: [String] = []

        func validate() throws {
            let isChosen = choice.source != nil || choice.reason != nil || !ids.isEmpty
            guard all != isChosen else {
                throw ValidationError(
                    all
                        ? "--all leaves no choice; leave it out, or the rest"
                        : "say what to replay: ids, --source, --reason or --all")
            }
        }

        func run() async throws {
            _ = try request.filter()
            // A mistyped --home must not make a folder.
            _ = try await openLake(options)
            let report = try await replay()
            if json { try printJSON(report) } else { print(sentence(report)) }
            if report.refused + report.incomplete > 0, !dryRun { throw ExitCode(65) }
        }

        private var request: ReplayRequest {
            var request = ReplayRequest()
            (request.ids, request.source, request.reason) = (
                ids.isEmpty ? nil : ids, choice.source, choice.reason
            )
            (request.all, request.dryRun) = (all, dryRun)
            return request
        }

        private func replay() async throws -> ReplayReport {
            let live: LiveLake
            do {
                live = try await LiveLake.open(options.directory) { Terminal.error("sesame: \($0)") }
            } catch let failure as Failure where failure.kind == .refused {
                // Somebody writes to the lake; if it is a server, it takes the work.
                let control = try await options.makeControl()
                guard
                    let server = LocalServer(
                        home: options.directory.url, control: control, by: options.actor)
                else { throw failure }
                return try await server.replay(request)
            }
            return try await replay(in: live)
        }

        /// Runs the way from the log to the lake for as long as it takes.
        private func replay(in live: LiveLake) async throws -> ReplayReport {
            var result: Result<ReplayReport, any Error> = .success(ReplayReport())
            try await live.run {
                do { result = .success(try await pages(of: live.refused)) } catch { result = .failure(error) }
            }
            await live.log.close()
            return try result.get()
        }

        private func pages(of refused: RefusedReplay) async throws -> ReplayReport {
            let filter = try request.filter()
            var (report, after) = (ReplayReport(), String?.none)
            repeat {
                let page = try await refused.page(filter, after: after, dryRun: dryRun)
                report.add(page.report)
                after = page.next
                Terminal.progress("\(report.records.grouped) records")
            } while after != nil
            Terminal.endProgress()
            return report
        }

        private func sentence(_ report: ReplayReport) -> String {
            guard report.records > 0 else { return "there is nothing to replay; see: sesame refused list" }
            let stay = report.refused + report.incomplete
            var text =
                "\(report.read.grouped) of \(Terminal.counted(report.records, "refused record")) "
                + (dryRun ? "could be read: " : "can be read: ")
                + "\(Terminal.counted(report.events, "new event")), \(report.duplicates.grouped) already there"
            if report.refused > 0 { text += "; \(report.refused.grouped) refused again" }
            if report.incomplete > 0 {
                text +=
                    "; \(report.incomplete.grouped) not kept whole, so fetch what they came in and import it again"
            }
            if stay > 0, !dryRun { text += "; what is refused stays, see: sesame refused list" }
            return text
        }
    }
}
