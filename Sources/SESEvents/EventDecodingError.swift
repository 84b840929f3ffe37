/// Why a record is no SES event.
public enum EventDecodingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are not one JSON document; the text says why.
    case notJSON(String)
    /// Something every event has is missing; the text names it by its path.
    case missing(String)
    /// A value is not what its field holds.
    case wrongValue(field: String, value: String, expected: String)

    /// The reason as a clause that goes on after "refused:".
    public var description: String {
        switch self {
        case .notJSON(let reason): "it is not JSON: \(reason)"
        case .missing(let field): "\(field) is missing"
        case .wrongValue(let field, let value, let expected): "\(field) is \(value), which is no \(expected)"
        }
    }
}
