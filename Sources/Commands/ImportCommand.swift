import ArgumentParser
import Foundation
import Ingest
import Lake
import Primitives
import Server

/// `sesame import`: files of SES events into the lake.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take SES events from files into the lake.",
        discussion: """
            Reads JSON in any framing, gzip and zstd, and whatever SNS, Firehose, EventBridge, SQS and S3 wrap around an \
            event. An event that the lake has already is counted as a duplicate. What cannot be read is kept in the table \
            refused with the reason; everything else goes in. An import that was killed can simply be run again.
            """)

    @OptionGroup var options: HomeOptions
    @Flag(help: "Print the report as JSON.") var json = false
    @Option(help: "Folders of the events in a new lake: day or hour. By day if not given.")
    var partitionBy: PartitionUnit?
    @Flag(help: "Leave out what makes queries of metrics fast; sesame lake rollup makes up for it.")
    var noRollups = false
    @Argument(help: "Files, folders or globs; - is standard input.") var paths: [String]

    func run() async throws {
        let inputs = try InputPaths.expand(paths)
        let lake = try EventLake(home: options.directory) { Terminal.progress($0) }
        try await lake.create(partitionedBy: partitionBy)
        let count = inputs.count
        let importer = EventImporter(lake) { report in
            let rate = Int(Double(report.records) / max(report.seconds, 0.001)).grouped
            Terminal.progress(
                "file \(report.files) of \(count) · \(report.records.grouped) records · \(rate) a second"
            )
        }
        let (report, problems): (ImportReport, [String])
        do { (report, problems) = try await importer.run(inputs) } catch let failure as Failure
            where failure.kind == .refused
        {
            throw besideServer ?? failure
        }
        if report.events > 0, !noRollups { await rollUp(lake) }
        Terminal.endProgress()
        for problem in problems { Terminal.error("refused: \(problem)") }
        if report.refused > problems.count {
            Terminal.error("refused: \((report.refused - problems.count).grouped) more")
        }
        if report.refused > 0 {
            Terminal.error("refused records are kept; see them with: sesame refused list")
        }
        if json { try printJSON(report) } else { printSummary(report) }
        if report.refused > 0 { throw ExitCode(65) }
    }

    /// Makes the facts of the days that events came to. The import is done before it; where this fails, queries are slower.
    private func rollUp(_ lake: EventLake) async {
        do {
            let lock = try WriterLock(lake: options.directory.lake)
            defer { withExtendedLifetime(lock) {} }
            try await lake.updateAllRollups()
        } catch {
            Terminal.endProgress()
            Terminal.error(
                "the import is done, but not its rollups, so queries are slower: \(error); run: sesame lake rollup"
            )
        }
    }

    /// What to do where a server has the lake; nil where none has.
    private var besideServer: Failure? {
        guard let url = LocalServer.address(in: options.directory.url),
            (try? WriterLock(lake: options.directory.lake)) == nil
        else { return nil }
        return Failure(
            .refused,
            "the server at \(url) has this home open; it takes the same files, up to 65 MiB each: curl --fail-with-body -H "
                + "\"Authorization: Bearer TOKEN\" --data-binary @FILE \(url)/v1/events, with a token of sesame token add NAME "
                + "--scope ingest; or stop it, and run this again")
    }

    private func printSummary(_ report: ImportReport) {
        var parts = [
            Terminal.counted(report.events, "new event"),
            "\(report.duplicates.grouped) already there",
            "\(report.refused.grouped) refused",
        ]
        if report.notEvents > 0 { parts.append(Terminal.counted(report.notEvents, "set-up message")) }
        let seconds = (report.seconds * 10).rounded() / 10
        print(
            "\(Terminal.counted(report.records, "record")) in \(Terminal.counted(report.files, "file")): "
                + parts.joined(separator: ", ") + " (\(seconds) s)")
    }
}

extension PartitionUnit: ExpressibleByArgument {}
