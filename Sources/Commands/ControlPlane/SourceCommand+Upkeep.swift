import ArgumentParser
import ControlPlane
import Primitives

extension SourceCommand {
    struct Setup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what to set up in AWS so that the source gets events.",
            discussion: """
                The text asks for the secret where it needs it, as SESAME_SECRET (cli), SesameSecret (cloudformation) or \
                var.sesame_secret (terraform).
                """)
        @OptionGroup var options: HomeOptions
        @Option(name: .customLong("as"), help: "cli, cloudformation or terraform.") var style = AWSSetup.Style
            .cli
        @Option(help: "The address under which AWS reaches Sesame, such as https://sesame.example.com.")
        var url: String?
        @Argument(help: "The source.") var name: String

        func run() async throws {
            let control = try await options.openControl()
            let source = try await control.source(name)
            let kept = try await control.setting(.publicURL)
            guard let url = url ?? kept ?? (source.kind.isPushed ? nil : "") else {
                throw Failure(
                    .usage, "say under which address AWS reaches Sesame: --url https://sesame.example.com")
            }
            print(try AWSSetup.instructions(for: source, publicURL: url, as: style), terminator: "")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a source a new secret, shown once.",
            discussion:
                "The old one stays good for an hour, so that nothing is lost while you tell AWS the new one.")
        @OptionGroup var options: HomeOptions
        @Option(help: "Minutes for which the old secret stays good; 0 if it has leaked.") var grace = 60
        @Option(help: "s3, sqs: a file with the access key's new secret; - is standard input.")
        var secretAccessKeyFile: String?
        @Option(help: "table, json or csv.") var format = AnswerFormat.table
        @Argument(help: "The source.") var name: String

        func validate() throws {
            guard (0...10_080).contains(grace) else {
                throw ValidationError("--grace must be 0 to 10080 minutes")
            }
        }

        func run() async throws {
            let control = try await options.openControl()
            let given = try secretAccessKeyFile.map { try secretText(inFile: $0) }
            let created = try await control.rotateSecret(
                of: name, grace: grace * 60, awsSecretAccessKey: given, by: options.actor)
            printFields([("name", .text(name))] + created.secretFields, as: format)
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop a source from taking events; whoever sends is told to come again.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "The source.") var name: String

        func run() async throws {
            try await options.openControl().setSource(name, paused: true, by: options.actor)
            print("\(name) is paused")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused source take events again.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "The source.") var name: String

        func run() async throws {
            try await options.openControl().setSource(name, paused: false, by: options.actor)
            print("\(name) takes events again")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a source and its secret; the events that it brought stay.")
        @OptionGroup var options: HomeOptions
        @Argument(help: "The source.") var name: String

        func run() async throws {
            try await options.openControl().removeSource(name, by: options.actor)
            print("\(name) is gone; nothing comes by it from now on")
        }
    }
}

extension CreatedSource {
    var secretFields: [(name: String, cell: AnswerRows.Cell)] { [("secret", .text(secret?.text))] }
}

extension Source {
    var fields: [(name: String, cell: AnswerRows.Cell)] {
        [
            ("name", .text(name)), ("kind", .text(kind.rawValue)), ("workspace", .text(workspace)),
            ("state", .text(state)), ("endpoint", .text(endpointPath)),
            ("created_at", .text(createdAt.iso8601)),
        ] + settings.fields
    }

    /// What to do after it was added.
    var nextStep: String {
        let address = kind.isPushed ? " --url https://YOUR-ADDRESS" : ""
        return switch kind {
        case .http, .firehoseAPI: "How to send to it:\n  sesame source setup \(name)\(address)"
        default:
            """
            Next, set up the AWS side. This prints a script; cloudformation and terraform are the other forms:
              sesame source setup \(name) --as cli\(address)
            """
        }
    }
}

extension SourceSettings {
    /// The same names for every kind, so that they make columns.
    fileprivate var fields: [(name: String, cell: AnswerRows.Cell)] {
        texts.map { ($0.name.rawValue, $0.name == .topicARNs ? .list($0.texts) : .text($0.texts.first)) }
    }
}

extension SourceStatus {
    var fields: [(name: String, cell: AnswerRows.Cell)] {
        [
            ("last_event_at", .text(lastEventAt?.iso8601)), ("events", .number(Double(events))),
            ("duplicates", .number(Double(duplicates))), ("refused", .number(Double(refused))),
            (
                "refused_by_reason",
                .list(refusedByReason.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
            ),
            ("last_error", .text(lastError)), ("last_error_at", .text(lastErrorAt?.iso8601)),
            ("fetched_at", .text(fetchedAt?.iso8601)),
        ]
    }
}
