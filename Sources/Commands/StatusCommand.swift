import ArgumentParser
import Lake
import Primitives

/// `sesame status`: what became of the messages to one recipient.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the messages to one recipient, newest first, and how far each came.",
        discussion: "The reason stands where a message did not arrive. Times are UTC.")

    @OptionGroup var options: HomeOptions
    @Option(help: "The most messages to show.") var limit = 20
    @Option(help: "table, json or csv.") var format = AnswerFormat.table
    @Argument(help: "The recipient's address; upper and lower case are the same.") var address: String

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more") }
    }

    func run() async throws {
        let lake = try await openLake(options)
        // One more than is shown tells whether there are more.
        let found = try await lake.messages(to: address, limit: limit == .max ? limit : limit + 1)
        guard !found.isEmpty else { throw try await nothingFound(in: lake) }
        let shown = Array(found.prefix(limit))
        guard format == .table else { return rows(shown).print(format) }
        var table = TextTable("sent", "subject", "state", "last event", "message id", "reason")
        for message in shown {
            table.add([
                message.sentAt.minuteText, message.subject.map { shortened($0, to: 48) }, message.state,
                message.lastEventAt.minuteText, message.messageID, message.reason,
            ])
        }
        for line in table.lines { print(line) }
        if found.count > shown.count {
            Terminal.error("the newest \(shown.count) are shown; --limit \(limit * 5) shows more")
        }
    }

    private func rows(_ messages: [RecipientMessage]) -> AnswerRows {
        AnswerRows(
            columns: [
                "sent_at", "subject", "state", "last_event_at", "message_id", "reason", "smtp_response",
            ],
            rows: messages.map {
                [
                    .text($0.sentAt.iso8601), .text($0.subject), .text($0.state),
                    .text($0.lastEventAt.iso8601), .text($0.messageID), .text($0.reason),
                    .text($0.smtpResponse),
                ]
            })
    }

    private func nothingFound(in lake: EventLake) async throws -> Failure {
        let similar = try await lake.recipients(like: address)
        let advice =
            similar.isEmpty
            ? "; no recipient has an address like it"
            : "; did you mean \(similar.joined(separator: ", "))?"
        return Failure(.notFound, "the lake has no message to \(address)\(advice)")
    }
}

/// The text, or its beginning and an ellipsis.
func shortened(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
}
