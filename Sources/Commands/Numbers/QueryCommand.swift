import Analytics
import ArgumentParser
import Foundation
import Lake
import Primitives
import Query

/// `sesame query`: metrics by dimensions, as `POST /api/v1/query` answers them.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask for metrics by dimensions.",
        discussion: """
            Either a query in JSON, as POST /api/v1/query takes it, or options:
              sesame query --metrics sends,bounce_rate --by day,isp --since 7d --where 'isp=Gmail|Yahoo'
            `sesame metrics` lists metrics, `sesame metrics --dimensions` dimensions. A condition is NAME=VALUE, !=, >, >=, <, <=, ~ (contains), \
            !~ or =~ (fits a pattern); | separates values any of which will do. Conditions hold together.
            """)

    @OptionGroup var options: HomeOptions
    @Option(help: ArgumentHelp("Metrics, separated by commas.", valueName: "names")) var metrics: String?
    @Option(help: ArgumentHelp("Dimensions, separated by commas.", valueName: "names")) var by: String?
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp("A condition; may be given more than once.", valueName: "condition"))
    var conditions: [String] = []
    @Option(help: "When: 24h, 7d, 3mo, today, last_month, all, or a first day (default: 30d).") var since:
        String?
    @Option(help: "The last day, or a time.") var until: String?
    @Option(help: ArgumentHelp("By whose clocks, such as Europe/Berlin.", valueName: "zone")) var timeZone:
        String?
    @Option(help: "previous, year or weekday.") var compare: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What to order by; - before it for the greatest first.", valueName: "names"))
    var order: String?
    @Option(help: "The most rows.") var limit: Int?
    @Option(help: "table, json, csv or parquet (with -o).") var format: String?
    @Option(
        name: .shortAndLong, help: "Write to this file; its ending says the format where --format does not.")
    var output: String?
    @Flag(help: "Show the SQL instead of running it.") var sql = false
    @Argument(help: "A query in JSON; - reads it from standard input.") var query: String?

    func run() async throws {
        let format = try chosenFormat
        let query: AnalyticsQuery
        do { query = try self.query.map(Self.read) ?? flags() } catch let error as AnalyticsError {
            throw Failure(.usage, error.description)
        }
        let home = options.directory
        var pool = QueryWorkerPool.Options(readableFolders: [home.lake.path])
        pool.writableFolder = output.map {
            URL(filePath: $0).deletingLastPathComponent().standardizedFileURL.path
        }
        let catalog = try await LakeCatalog(home)
        let runner = AnalyticsRunner(pool: QueryWorkerPool(pool), snapshot: catalog.snapshot)
        do {
            if sql { return print(try await runner.statement(of: query)) }
            try await Interrupt.cancels { try await answer(query, runner, format) }
        } catch let error as AnalyticsError {
            throw Failure(.usage, error.description)
        }
    }

    private func answer(_ query: AnalyticsQuery, _ runner: AnalyticsRunner, _ format: QueryRequest.Format)
        async throws
    {
        if format == .parquet, let output {
            let partial = output + ".\(getpid()).partial"
            defer { unlink(partial) }
            try await runner.write(query, toParquet: URL(filePath: partial).standardizedFileURL.path)
            guard rename(partial, output) == 0 else { throw Self.unwritable(output) }
            return
        }
        let result = try await runner.answer(query)
        let text =
            switch format {
            case .json, .ndjson: result.json
            case .csv: result.csv
            case .table, .parquet: AnswerTable(result).text
            }
        guard let output else { return print(text, terminator: "") }
        do { try Data(text.utf8).write(to: URL(filePath: output), options: .atomic) } catch {
            throw Self.unwritable(output)
        }
    }

    private static func unwritable(_ path: String) -> Failure {
        Failure(.storage, "cannot write \(path): \(String(cString: strerror(errno)))")
    }

    private var chosenFormat: QueryRequest.Format {
        get throws {
            let named = format ?? output.map { URL(filePath: $0).pathExtension } ?? "table"
            guard let known = QueryRequest.Format(rawValue: named), known != .ndjson else {
                if format == nil { return .csv }
                throw ValidationError("there is no format \"\(named)\"; choose table, json, csv or parquet")
            }
            if known == .parquet, output == nil { throw ValidationError("parquet needs a file: add -o FILE") }
            return known
        }
    }

    private static func read(_ text: String) throws -> AnalyticsQuery {
        let json = text == "-" ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : Array(text.utf8)
        return try AnalyticsQuery.decode(json)
    }
}
