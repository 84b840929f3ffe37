import CDuckDB
import Primitives

extension Failure {
    /// What the engine says of a statement that failed on one thread while another is told to stop: DuckDB 1.5 may name the stop alone
    /// (github.com/duckdb/duckdb/pull/25902). Nobody else interrupts statements.
    private static let unnamed = Failure(
        .storage, "the engine stopped the statement for an error that it does not name; run it again")

    /// Whether the engine did not name the error.
    var isUnnamed: Bool { message == Self.unnamed.message }

    /// The engine's own words, which carry the line, the caret and the candidates, under the kind that they imply.
    static func engine(_ message: UnsafePointer<CChar>?, otherwise fallback: String) -> Failure {
        guard let message else { return Failure(.storage, fallback) }
        return engine(String(cString: message))
    }

    static func engine(_ message: UnsafeMutablePointer<CChar>?, otherwise fallback: String) -> Failure {
        engine(UnsafePointer(message), otherwise: fallback)
    }

    /// Takes the kind from the class name that begins every message of DuckDB.
    ///
    /// The text is used because `duckdb_prepare_error` gives no code; whatever is not known to be the machine's fault is
    /// the statement's.
    static func engine(_ message: String) -> Failure {
        let kinds: [(prefix: String, kind: Kind)] = [
            ("Out of Memory", .limit), ("Permission", .refused),
            ("IO Error", .storage),
            ("INTERNAL", .storage), ("FATAL", .storage), ("TransactionContext", .storage),
        ]
        if message.hasPrefix("INTERRUPT") { return unnamed }
        let kind = kinds.first { message.hasPrefix($0.prefix) }?.kind
        return Failure(kind ?? .usage, message)
    }
}
