/// What is wrong with a query: a code for programs, the place in its JSON, and what to do.
public struct AnalyticsError: Error, Equatable, CustomStringConvertible, Sendable {
    /// For programs; never changes. All are listed in `docs/api.md`.
    public enum Code: String, Sendable, CaseIterable {
        /// It is no JSON.
        case notJSON = "not-json"
        /// A member that queries do not have.
        case unknownMember = "unknown-member"
        /// A value of the wrong type or out of bounds.
        case badValue = "bad-value"
        /// No metric of that name.
        case unknownMetric = "unknown-metric"
        /// No dimension of that name.
        case unknownDimension = "unknown-dimension"
        /// No operator of that name, or not for such values.
        case badOperator = "bad-operator"
        /// No time zone of that name.
        case unknownTimeZone = "unknown-time-zone"
        /// A range of time that is none.
        case badDateRange = "bad-date-range"
        /// A comparison that cannot be made.
        case badComparison = "bad-comparison"
        /// Something to order by that was not asked for.
        case badOrder = "bad-order"
        /// A dataset that is not there, not joined or without the column.
        case badDataset = "bad-dataset"
        /// The engine refuses what the query holds, such as a pattern that is none.
        case refusedByEngine = "refused-by-engine"
    }

    /// For programs.
    public var code: Code
    /// The place, RFC 6901; empty for the whole.
    public var pointer: String
    /// What is wrong there.
    public var message: String
    /// What to do; nil where the message says it.
    public var hint: String?

    /// An error at a place.
    public init(_ code: Code, at pointer: String, _ message: String, hint: String? = nil) {
        (self.code, self.pointer, self.message, self.hint) = (code, pointer, message, hint)
    }

    /// Place, message and hint in one line.
    public var description: String {
        (pointer.isEmpty ? "" : "\(pointer): ") + message + (hint.map { "; \($0)" } ?? "")
    }
}

extension AnalyticsError {
    /// Says which names there are, or which one was probably meant.
    static func hint(for name: String, among names: [String], see: String) -> String {
        let near = names.map { ($0, distance(name.lowercased(), $0)) }.min { $0.1 < $1.1 }
        if let near, near.1 <= max(2, name.count / 3) { return "did you mean \(near.0)?" }
        return see
    }

    /// Characters to insert, delete or change until one text is the other.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.prefix(64)), Array(other.prefix(64)))
        var row = Array(0...other.count)
        for (index, character) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let above = row[column + 1]
                row[column + 1] = min(
                    min(above, row[column]) + 1, diagonal + (character == other[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[other.count]
    }

    /// The place of a coding path.
    static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            "/"
                + (key.intValue.map { String($0) }
                    ?? key.stringValue.replacing("~", with: "~0").replacing("/", with: "~1"))
        }.joined()
    }
}
