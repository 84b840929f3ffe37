import CDuckDB
import Primitives

extension Connection {
    /// Runs a statement that DuckDB's parser may have made several of, and hands over the result of the last as
    /// ``stream(_:_:header:each:)`` does.
    ///
    /// A PIVOT whose values are not listed becomes a CREATE TYPE with the values found, and a SELECT that uses it.
    ///
    /// - Parameter permit: Asked for each part before it runs, with its kind and whether it is the last; throws to stop.
    public func streamExpanded(
        _ sql: String, permit: (StatementKind, _ isLast: Bool) throws -> Void,
        header: ([ResultColumn]) throws -> Void = { _ in }, each: (borrowing Chunk) throws -> Bool
    ) throws {
        var extracted: duckdb_extracted_statements?
        let count = duckdb_extract_statements(handle.pointer, sql, &extracted)
        defer { duckdb_destroy_extracted(&extracted) }
        if count == 0 {
            throw Failure.engine(
                duckdb_extract_statements_error(extracted), otherwise: "there is no statement")
        }
        for index in 0..<count {
            // A part is looked at only once those before it have run: it may need what they made.
            let statement = try Statement(handle.pointer, extracted, index)
            let isLast = index == count - 1
            try permit(statement.kind, isLast)
            let result = try statement.start()
            if isLast { try header(result.columns) }
            while let chunk = try result.next(), try !isLast || each(chunk) {}
        }
    }
}
