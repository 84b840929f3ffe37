import EventLog
import HTTPTypes
import Primitives

/// Why a request was not taken; each receiver says it in the form that its sender understands.
struct Rejection: Error, Sendable {
    var outcome: ReceiverOutcome
    var status: HTTPResponse.Status
    /// What happened and what to do; goes to the sender and to the source's status.
    var message: String
    /// Seconds after which the sender should try again.
    var retryAfter: Int?

    /// A refusal for good.
    init(_ outcome: ReceiverOutcome, _ status: HTTPResponse.Status, _ message: String) {
        (self.outcome, self.status, self.message) = (outcome, status, message)
    }

    /// A refusal for now: 503, which every sender tries again.
    init(_ outcome: ReceiverOutcome, retryAfter: Int, _ message: String) {
        self.init(outcome, .serviceUnavailable, message)
        self.retryAfter = retryAfter
    }

    /// The log did not take the records. Whatever the reason, it is ours, so the sender shall try again.
    init(storing error: any Error) {
        if case LogError.overloaded(let seconds) = error {
            self.init(.overloaded, retryAfter: seconds, "\(error)")
        } else {
            self.init(.unstored, retryAfter: 10, "the events could not be stored; try again")
            cause = "the events could not be stored: \(error)"
        }
    }

    /// More than the sender should know, such as a path; for the source's status.
    var cause: String?

    /// The fields of the answer that go with it.
    var headers: HTTPFields {
        var fields = HTTPFields()
        if let retryAfter { fields[.retryAfter] = String(retryAfter) }
        if status == .unauthorized { fields[.wwwAuthenticate] = #"Basic realm="sesame""# }
        if status == .methodNotAllowed { fields[.allow] = "POST" }
        return fields
    }

    /// The answer as a line of text.
    var textAnswer: ReceiverAnswer {
        var fields = headers
        fields[.contentType] = "text/plain; charset=utf-8"
        return ReceiverAnswer(
            status: status, headers: fields, body: Array("\(message)\n".utf8), outcome: outcome.rawValue)
    }
}
