import ArgumentParser
import ControlPlane
import Lake
import Primitives

/// `sesame stream`: streams of Firehose's API, and the tables of those whose records are no events of SES.
struct StreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "Set up streams of your own events, each with a table.",
        discussion: """
            A stream without a schema carries events of SES. With one, each JSON record that is put into it becomes a row \
            of its table. A running server takes changes up with the next record.
            """,
        subcommands: [Add.self, List.self, Show.self, Schema.self, Remove.self],
        defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a stream, as Firehose's CreateDeliveryStream does.",
            discussion: """
                Types: string, int, bigint, float, double, boolean, date, timestamp, decimal(p,s), array<…>, map<…,…>, \
                struct<name:type,…>.
                """)
        @OptionGroup var options: HomeOptions
        @Option(
            help:
                "The columns, as in 'id string, ts timestamp', or a file with them or with a Glue table's JSON."
        )
        var schema: String?
        @OptionGroup var arguments: StreamArguments
        @Argument(help: "The stream's name: letters, digits, _, - and .") var name: String

        func run() async throws {
            let control = try await options.makeControl()
            let present = try await control.deliveryStreams(in: Workspace.defaultName).map(\.name)
            guard !present.contains(name) else {
                throw Failure(
                    .refused,
                    "there is a stream '\(name)' already; declare its columns with: sesame stream schema \(name) 'id string, …'"
                )
            }
            var table: StreamTable?
            if let schema {
                table = try await declare(name, schema, arguments, options)
            }
            try await control.addDeliveryStream(
                name, in: Workspace.defaultName,
                arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/\(name)", destination: "{}",
                tags: [], by: options.actor)
            guard let table else { return print("\(name) carries events of SES") }
            print("\(name): records become rows of the table \(table.name)")
            table.printColumns()
        }
    }

    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or declare a stream's columns, or add some.",
            discussion: """
                Columns may be declared before the stream is made by Firehose's API, under the stream's name or that of \
                its Glue table. Added columns are NULL in the rows that are there; what those had stays in extra.
                """)
        @OptionGroup var options: HomeOptions
        @Option(name: .customLong("add"), help: "NAME:TYPE, a column to add; may be given again.")
        var added: [String] = []
        @OptionGroup var arguments: StreamArguments
        @Argument(help: "The stream, or its table.") var name: String
        @Argument(
            help:
                "The columns, as in 'id string, ts timestamp', or a file with them or with a Glue table's JSON."
        )
        var columns: String?

        func validate() throws {
            guard columns == nil || added.isEmpty else {
                throw ValidationError("--add is for a stream that has columns; leave one of the two out")
            }
        }

        func run() async throws {
            let table: StreamTable
            if let columns {
                table = try await declare(name, columns, arguments, options)
            } else if !added.isEmpty {
                let columns = try StreamSchema(added.joined(separator: ", ")).columns
                table = try await openLake(options).addColumns(columns, toStream: name)
            } else {
                guard let found = try await openLake(options).streamTable(name) else {
                    return print("\(name) has no columns of its own: it carries events of SES")
                }
                table = found
            }
            table.printColumns()
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a stream; its table stays unless --data is given.")
        @OptionGroup var options: HomeOptions
        @Flag(help: "Delete the table with all its rows too.") var data = false
        @Argument(help: "The stream.") var name: String

        func run() async throws {
            let control = try await options.openControl()
            let lake = try? await openLake(options)
            let table = try await lake?.streamTable(name)
            let isMade = try await control.deliveryStreams(in: Workspace.defaultName).contains {
                $0.name == name
            }
            guard isMade || data && table != nil else {
                throw Failure(
                    .notFound, "there is no stream '\(name)'; `sesame stream list` shows those there are")
            }
            if isMade {
                try await control.removeDeliveryStream(name, in: Workspace.defaultName, by: options.actor)
            }
            guard let lake, let table else { return print("\(name) is gone") }
            guard data else {
                return print("\(name) is gone; its table \(table.name) stays with \(table.rows) rows")
            }
            try await lake.dropStreamTable(table.name)
            print("\(name) is gone, and its table \(table.name) with \(table.rows) rows")
        }
    }
}

/// Makes the table of a stream from what was typed.
private func declare(
    _ stream: String, _ columns: String, _ arguments: StreamArguments, _ options: HomeOptions
) async throws -> StreamTable {
    let lake = try EventLake(home: options.directory)
    try await lake.create()
    return try await lake.createStreamTable(
        stream, table: arguments.table, StreamArguments.schema(columns), arguments.streamOptions)
}
