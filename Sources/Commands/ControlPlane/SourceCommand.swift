import ArgumentParser
import ControlPlane
import Primitives

/// `sesame source`: the ways in which events come.
struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Set up the ways in which events come.",
        subcommands: [
            Add.self, List.self, Show.self, Setup.self, Test.self, Rotate.self, Pause.self, Resume.self,
            Remove.self,
        ],
        defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a source; its secret is shown once.",
            discussion: """
                Sent to Sesame:    sns, firehose, eventbridge, firehose-api (any AWS SDK), http (NDJSON)
                Fetched by Sesame: s3, sqs (while `sesame serve` runs)
                """)
        @OptionGroup var options: HomeOptions
        @Option(help: "sns, firehose, firehose-api, eventbridge, http, s3 or sqs.") var kind: SourceKind
        @Option(help: "The workspace that its events go to.") var workspace = Workspace.defaultName
        @Option(help: "table, json or csv.") var format = AnswerFormat.table
        @OptionGroup(title: "Settings") var settings: SourceOptions
        @Argument(help: "Its name: a to z, 0 to 9, - and _.") var name: String

        func validate() throws { _ = try settings.settings(of: kind) }

        func run() async throws {
            let control = try await options.makeControl()
            let created = try await control.addSource(
                name, workspace: workspace, settings: settings.settings(of: kind),
                awsSecretAccessKey: settings.secretAccessKey, by: options.actor)
            printFields(created.source.fields + created.secretFields, as: format)
            guard format == .table else { return }
            if created.secret != nil {
                print("\nThe secret is not shown again; `sesame source rotate \(name)` makes another.")
            }
            print("\n" + created.source.nextStep)
            if !kind.isPushed { print("Then see whether Sesame may read it:\n  sesame source test \(name)") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the sources and what came by them.")
        @OptionGroup var options: HomeOptions
        @Option(help: "Only those of this workspace.") var workspace: String?
        @Option(help: "table, json or csv.") var format = AnswerFormat.table

        func run() async throws {
            let control = try await options.openControl()
            let sources = try await control.sources(in: workspace)
            let statuses = try await control.sourceStatuses()
            let silences = await SourceSilences(options)
            guard format == .table else {
                let rows = sources.map { source in
                    let status = statuses[source.id] ?? SourceStatus()
                    return source.fields + status.fields + silences.fields(of: source, status)
                }
                let columns = rows.first?.map(\.name) ?? []
                return AnswerRows(columns: columns, rows: rows.map { $0.map(\.cell) }).print(format)
            }
            guard !sources.isEmpty else {
                print("there are no sources yet; make one with: sesame source add NAME --kind KIND")
                return
            }
            var table = TextTable([
                .init(title: "source"), .init(title: "kind"), .init(title: "workspace"),
                .init(title: "state"),
                .init(title: "last event"), .init(title: "events", isNumeric: true),
                .init(title: "duplicates", isNumeric: true), .init(title: "refused", isNumeric: true),
            ])
            for source in sources {
                let status = statuses[source.id] ?? SourceStatus()
                table.add([
                    source.name, source.kind.rawValue, source.workspace, silences.state(of: source, status),
                    status.lastEventAt?.minuteText ?? "never", status.events.grouped,
                    status.duplicates.grouped, status.refused.grouped,
                ])
            }
            for line in table.lines { print(line) }
            for source in sources {
                if let sentence = silences.sentence(of: source, statuses[source.id] ?? SourceStatus()) {
                    Terminal.error(sentence)
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one source.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table
        @Argument(help: "The source.") var name: String

        func run() async throws {
            let control = try await options.openControl()
            let source = try await control.source(name)
            let status = try await control.sourceStatuses()[source.id] ?? SourceStatus()
            let silences = await SourceSilences(options)
            printFields(source.fields + status.fields + silences.fields(of: source, status), as: format)
        }
    }
}
