import AWSClients
import ArgumentParser
import ControlPlane
import Pollers
import Primitives

extension SourceCommand {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try whether Sesame may read from S3 or SQS, and say what it would fetch.",
            discussion: "Nothing is taken, and no message is hidden from other readers.")
        @OptionGroup var options: HomeOptions
        @Option(help: "table, json or csv.") var format = AnswerFormat.table
        @Argument(help: "The source, of kind s3 or sqs.") var name: String

        func run() async throws {
            let control = try await options.openControl()
            let source = try await control.source(name)
            let findings = try await AWSTransport.with { transport in
                try await SourceProbe(control, transport: transport).run(source)
            }
            let fields = findings.map { (name: $0.name, cell: AnswerRows.Cell.text($0.text)) }
            printFields([("source", .text(name))] + fields, as: format)
        }
    }
}
