import CDuckDB
import Primitives

extension Failure {
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
            ("INTERRUPT", .cancelled), ("Out of Memory", .limit), ("Permission", .refused),
            ("IO Error", .storage),
            ("INTERNAL", .storage), ("FATAL", .storage), ("TransactionContext", .storage),
        ]
        let kind = kinds.first { message.hasPrefix($0.prefix) }?.kind
        return Failure(kind ?? .usage, message)
    }
}
