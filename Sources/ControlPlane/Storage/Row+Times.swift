import GRDB
import Primitives

extension Row {
    /// A time that may be null.
    func time(_ column: String) -> Timestamp? {
        (self[column] as Int64?).map { Timestamp(microseconds: $0) }
    }

    /// A time that the schema declares NOT NULL.
    func requiredTime(_ column: String) -> Timestamp { Timestamp(microseconds: self[column]) }
}

extension Timestamp {
    /// The instant `seconds` later, or earlier if negative.
    func adding(seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }
}
