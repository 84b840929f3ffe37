import HTTPTypes
import Synchronization

/// A request whose head has come; a handler asks for the body, or does without.
struct IncomingRequest: Sendable {
    /// A random id, for the answer and the log.
    var id: String
    var method: HTTPRequest.Method
    /// The path as it came, without the query.
    var path: String
    /// The query as it came, without the question mark.
    var query: String
    var authority: String
    var headers: HTTPFields
    var client: ClientAddress
    /// Whether its client is still there.
    var departure: ClientDeparture
    /// What stands in the path where its route has a name in braces.
    var parameters: [String: String] = [:]
    /// Reads the body; once.
    var body: BodyReader
    /// What the handler finds out, for the log and the metrics.
    var notes = RequestNotes()

    /// The first value of a parameter of the query, if it is plain; percent-encoding is not undone, for no name needs it.
    func queryValue(_ name: String) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }

    /// A new id: 64 random bits in hexadecimal.
    static func newID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What is known of a request's source.
final class RequestNotes: Sendable {
    private let values = Mutex<(kind: String, source: String?)?>(nil)

    /// The kind of source, and its name once it is known to be one.
    var source: (kind: String, source: String?)? { values.withLock { $0 } }

    /// Notes both.
    func set(kind: String, source: String?) { values.withLock { $0 = (kind, source) } }
}
