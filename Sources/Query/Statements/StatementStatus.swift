import Primitives

/// What is known of a statement that was handed in.
public struct StatementStatus: Sendable, Equatable {
    /// How far it has come.
    public enum State: String, Sendable {
        /// It waits until one that runs has ended.
        case queued
        /// It runs; its first rows may be there.
        case running
        /// All its rows are there.
        case succeeded
        /// It ended with an error.
        case failed
        /// Somebody cancelled it.
        case cancelled

        /// Whether it will not change any more.
        public var isFinal: Bool { self != .queued && self != .running }
    }

    /// Its id: 128 random bits, which nobody guesses.
    public let id: String
    /// The statement.
    public let sql: String
    /// When it was handed in.
    public let submittedAt: Timestamp
    /// How far it has come.
    public internal(set) var state: State = .queued
    /// What DuckDB thinks is done, 0 to 1; nil while it cannot say.
    public internal(set) var progress: Double?
    /// Seconds that it has run.
    public internal(set) var seconds: Double = 0
    /// Rows that are there.
    public internal(set) var rows = 0
    /// Their bytes.
    public internal(set) var bytes = 0
    /// Why it failed.
    public internal(set) var failure: Failure?
    /// When it ended.
    public internal(set) var endedAt: Timestamp?
}
