import ArgumentParser
import Foundation
import Lake
import Primitives
import Query

/// `sesame sql`: a statement over the lake.
struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Ask the lake in SQL.",
        discussion: """
            Reads events, messages, refused, reputation, your streams and datasets, and the views ses_events, email_status, partitioned and \
            ses_mail. A statement runs in a process of its own that reads the lake and nothing else; it is stopped at its \
            deadline and at its memory limit. Without a statement, statements are read from standard input.
            """)

    @OptionGroup var options: HomeOptions
    @Option(help: "table, json, ndjson, csv or parquet (with -o).") var format: String?
    @Option(
        name: .shortAndLong, help: "Write to this file; its ending says the format where --format does not.")
    var output: String?
    @Option(help: "Seconds until the statement is stopped.") var timeout: Double = 60
    @Option(help: "Memory the statement may use, such as 512MB or 2GB.") var memory: String = "2GB"
    @Flag(help: "Say how long it took.") var timing = false
    @Argument(help: "The statement.") var statement: String?

    func run() async throws {
        let format = try chosenFormat()
        let session = try await SQLSession(
            home: options.directory, memoryBytes: parsedMemory(), timeoutSeconds: timeout, timing: timing,
            output: output)
        if let statement { return try await session.run(statement, format: format, output: output) }
        if isatty(STDIN_FILENO) == 1 {
            var prompt = SQLPrompt(session)
            return try await prompt.run()
        }
        for statement in SQLSession.split(
            String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self))
        {
            try await session.run(statement, format: format, output: output)
        }
    }

    private func chosenFormat() throws -> QueryRequest.Format {
        if let format {
            guard let known = QueryRequest.Format(rawValue: format) else {
                let names = QueryRequest.Format.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("there is no format \"\(format)\"; choose one of \(names)")
            }
            if known == .parquet, output == nil { throw ValidationError("parquet needs a file: add -o FILE") }
            return known
        }
        guard let output else { return .table }
        return QueryRequest.Format(rawValue: URL(filePath: output).pathExtension) ?? .csv
    }

    private func parsedMemory() throws -> Int {
        let upper = memory.uppercased()
        for (unit, factor) in [("GB", 1 << 30), ("MB", 1 << 20), ("G", 1 << 30), ("M", 1 << 20)]
        where upper.hasSuffix(unit) {
            guard let number = Int(upper.dropLast(unit.count)), number > 0 else { break }
            return max(number * factor, 128 << 20)
        }
        throw ValidationError("--memory is \"\(memory)\"; give a number with a unit, such as 512MB or 2GB")
    }
}
