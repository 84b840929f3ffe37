import ArgumentParser
import ControlPlane
import Lake
import Primitives

extension StreamCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the streams and their tables.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            let made =
                ControlDatabase.exists(home: options.directory.url)
                ? try await options.makeControl().deliveryStreams(in: Workspace.defaultName).map(\.name) : []
            let tables = options.directory.exists ? try await openLake(options).streamTables() : []
            let byStream = Dictionary(tables.map { ($0.stream, $0) }) { first, _ in first }
            let names = Set(made).union(byStream.keys).sorted()
            let rows = names.map { name in
                let table = byStream[name]
                let state = !made.contains(name) ? "declared" : table == nil ? "SES events" : "active"
                return (name, table, state)
            }
            guard format == .table else {
                return AnswerRows(
                    columns: ["stream", "table", "columns", "rows", "state"],
                    rows: rows.map { name, table, state in
                        [
                            .text(name), .text(table?.name), .number(Double(table?.columns.count ?? 0)),
                            .number(Double(table?.rows ?? 0)), .text(state),
                        ]
                    }
                ).print(format)
            }
            guard !names.isEmpty else {
                print(
                    "there are no streams yet; make one with: sesame stream add NAME --schema 'id string, …'")
                return
            }
            var lines = TextTable([
                .init(title: "stream"), .init(title: "table"), .init(title: "columns", isNumeric: true),
                .init(title: "rows", isNumeric: true), .init(title: "state"),
            ])
            for (name, table, state) in rows {
                lines.add([
                    name, table?.name ?? "events", table.map { "\($0.columns.count)" } ?? "",
                    table.map { $0.rows.grouped } ?? "", state,
                ])
            }
            for line in lines.lines { print(line) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a stream's columns, and members of records that have none.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv; the last two print the members without a column.")
        var format = AnswerFormat.table
        @Argument(help: "The stream, or its table.") var name: String

        func run() async throws {
            let lake = try await openLake(options)
            guard let table = try await lake.streamTable(name) else {
                throw Failure(
                    .notFound,
                    "the stream '\(name)' has no table; `sesame stream list` shows the streams there are")
            }
            let extra = try await lake.extraMembers(ofStream: name)
            guard format == .table else {
                return AnswerRows(
                    columns: ["member", "rows", "types"],
                    rows: extra.map { [.text($0.path), .number(Double($0.rows)), .list($0.types)] }
                ).print(format)
            }
            print("stream \(table.stream), table \(table.name), \(table.rows.grouped) rows\n")
            table.printColumns()
            guard !extra.isEmpty else { return }
            print("\nMembers without a column, kept in \(table.extraColumn):")
            var lines = TextTable([
                .init(title: "member"), .init(title: "rows", isNumeric: true), .init(title: "type"),
            ])
            for member in extra {
                lines.add([
                    member.path, Int64(member.rows).grouped, member.types.joined(separator: ", "),
                ])
            }
            for line in lines.lines { print(line) }
            print("Make one a column with: sesame stream schema \(table.stream) --add NAME:TYPE")
        }
    }
}
