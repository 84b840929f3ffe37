import ArgumentParser
import Lake
import Primitives
import Server

/// `sesame dataset`: the user's own tables beside the events.
struct DatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Keep your own data beside the events, to join with them.",
        subcommands: [Add.self, List.self, Drop.self],
        defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a table from a CSV, JSON, NDJSON or Parquet file.",
            discussion: """
                Times without a zone are taken as UTC. A dataset that is there already is left alone unless --replace or \
                --append is given; both make it if it is not there. Where a server runs over this home, it takes the file.
                """)
        @OptionGroup var options: HomeOptions
        @Flag(help: "Put the file's rows and columns in the place of the old ones.") var replace = false
        @Flag(help: "Add the file's rows; its columns must be the dataset's.") var append = false
        @Argument(help: "The table's name: a to z, 0 to 9 and _.") var name: String
        @Argument(help: "The file; .gz is fine for CSV and JSON.") var file: String

        func validate() throws {
            guard !(replace && append) else {
                throw ValidationError("--replace and --append exclude each other; choose one")
            }
        }

        func run() async throws {
            try EventLake.checkDatasetName(name)
            let lake = try EventLake(home: options.directory) { Terminal.progress($0) }
            try await lake.create()
            let mode: DatasetMode = replace ? .replace : append ? .append : .create
            let report = try await options.writing {
                try await lake.addDataset(name, from: file, mode: mode)
            } byServer: { server in
                try await server.addDataset(name, from: file, mode: mode) { sent, all in
                    Terminal.progress("\(Terminal.size(Int64(sent))) of \(Terminal.size(Int64(all))) sent")
                }
            }
            Terminal.endProgress()
            print(
                "\(name): \(report.rows.grouped) rows from \(file), \(report.columns.count) columns"
            )
            for (old, new) in report.renamed.sorted(by: { $0.key < $1.key }) {
                print("column '\(old)' is called \(new)")
            }
            var table = TextTable("column", "type")
            for column in report.columns { table.add([column.name, column.type]) }
            for line in table.lines { print(line) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the datasets and their sizes.")
        @OptionGroup var options: HomeOptions

        func run() async throws {
            let datasets = try await openLake(options).datasets()
            guard !datasets.isEmpty else {
                print("there are no datasets yet; make one with: sesame dataset add NAME FILE")
                return
            }
            var table = TextTable([
                .init(title: "dataset"), .init(title: "rows", isNumeric: true),
                .init(title: "files", isNumeric: true), .init(title: "size", isNumeric: true),
            ])
            for dataset in datasets {
                table.add([
                    dataset.name, dataset.rows.grouped, "\(dataset.files)",
                    Terminal.size(dataset.bytes),
                ])
            }
            for line in table.lines { print(line) }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a dataset.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "The dataset.") var name: String

        func run() async throws {
            let lake = try await openLake(options)
            try await options.writing {
                try await lake.dropDataset(name)
            } byServer: { server in
                try await server.dropDataset(name)
            }
            print("\(name) is gone")
        }
    }
}

extension HomeOptions {
    /// Changes the lake, or has the server do it that holds it.
    ///
    /// - Throws: ``Failure`` of kind refused where another process than a server writes.
    fileprivate func writing<Value>(
        _ here: () async throws -> Value, byServer there: (LocalServer) async throws -> Value
    ) async throws -> Value {
        let lock: WriterLock
        do { lock = try WriterLock(lake: directory.lake) } catch {
            guard error.kind == .refused, LocalServer.address(in: directory.url) != nil,
                let server = LocalServer(home: directory.url, control: try await makeControl(), by: actor)
            else { throw error }
            return try await there(server)
        }
        defer { withExtendedLifetime(lock) {} }
        return try await here()
    }
}
