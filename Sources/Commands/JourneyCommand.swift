import ArgumentParser
import Lake
import Primitives

/// `sesame journey`: everything that happened to one message.
struct JourneyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journey",
        abstract:
            "Show every event of one message in order, with the time between and what the servers said.",
        discussion: "A ⋮ stands where an hour or more passed. Times are UTC.")

    @OptionGroup var options: HomeOptions
    @Option(help: "table, json or csv.") var format = AnswerFormat.table
    @Argument(help: "SES's message id, or its first 8 characters or more.") var messageID: String

    func run() async throws {
        let lake = try await openLake(options)
        guard let journey = try await lake.journey(of: messageID) else {
            throw Failure(
                .notFound,
                "the lake has no message '\(messageID)'; copy the id from: sesame status ADDRESS, or import the events of "
                    + "its day")
        }
        guard format == .table else { return rows(journey).print(format) }
        printTable(journey)
    }

    private func printTable(_ journey: MessageJourney) {
        let head: [(String, String?)] = [
            ("message", journey.messageID), ("subject", journey.subject), ("from", journey.sender),
            ("sent", journey.sentAt.millisecondText), ("configuration set", journey.configurationSet),
            (
                "state",
                journey.states.map { state in
                    journey.states.count == 1
                        ? state.state : "\(state.recipient ?? "a recipient"): \(state.state)"
                }.joined(separator: ", ")
            ),
        ]
        var heading = TextTable("", "")
        for (name, value) in head where value != nil { heading.add([name, value]) }
        for line in heading.lines.dropFirst(2) { print(line) }
        print("")
        var table = TextTable([
            .init(title: "time (UTC)"), .init(title: "after", isNumeric: true), .init(title: "event"),
            .init(title: "recipient"), .init(title: "what it says"),
        ])
        var previous: Timestamp?
        for event in journey.events {
            let gap = previous.map { event.at.microseconds - $0.microseconds }
            if let gap, gap >= 3_600_000_000 { table.add(["⋮"]) }
            table.add([
                event.at.millisecondText, gap.map { Elapsed(microseconds: $0).description }, event.type,
                recipientText(event.recipients), event.says,
            ])
            previous = event.at
        }
        for line in table.lines { print(line) }
    }

    /// The first recipient speaks for many: a column as wide as fifty addresses would hide what the events say.
    private func recipientText(_ recipients: [String]) -> String {
        let first = recipients.first ?? ""
        return recipients.count > 1 ? "\(first) and \(recipients.count - 1) more" : first
    }

    private func rows(_ journey: MessageJourney) -> AnswerRows {
        var previous: Timestamp?
        return AnswerRows(
            columns: [
                "message_id", "event_at", "seconds_after", "event_type", "recipients", "says", "is_machine",
            ],
            rows: journey.events.map { event in
                let gap = previous.map { Double(event.at.microseconds - $0.microseconds) / 1_000_000 }
                previous = event.at
                return [
                    .text(journey.messageID), .text(event.at.iso8601), gap.map { .number($0) } ?? .text(nil),
                    .text(event.type), .list(event.recipients), .text(event.says), .flag(event.isMachine),
                ]
            })
    }
}
