import Primitives

/// A user's statement with all that a worker needs to run it.
public struct QueryRequest: Sendable {
    /// How rows are written.
    public enum Format: String, Codable, Sendable, CaseIterable {
        /// One array of objects.
        case json
        /// An object a line.
        case ndjson
        /// RFC 4180 with a header line.
        case csv
        /// Aligned columns for people.
        case table
        /// A Parquet file; needs a file to write to.
        case parquet
    }

    /// What the statement may read.
    public var catalog: QueryCatalog
    /// The statement.
    public var sql: String
    /// How rows are written.
    public var format: Format
    /// How long it may run, in seconds; its worker is killed then.
    public var timeoutSeconds: Double
    /// Where Parquet goes, which rows cannot be streamed into; only with the format `parquet`, and below the pool's
    /// writable folder.
    public var parquetFile: String?
    /// The most rows that the format `table` shows; the rest is counted.
    public var tableRows: Int

    /// A request.
    public init(
        catalog: QueryCatalog, sql: String, format: Format, timeoutSeconds: Double = 60,
        tableRows: Int = 1_000
    ) {
        self.catalog = catalog
        self.sql = sql
        self.format = format
        self.timeoutSeconds = timeoutSeconds
        self.tableRows = tableRows
    }
}

/// How far a running statement is.
public struct QueryProgress: Sendable, Equatable {
    /// What DuckDB thinks is done, 0 to 1; nil while it cannot say.
    public var fraction: Double?
    /// Seconds since the statement was given to its worker.
    public var seconds: Double

    /// A state of progress.
    public init(fraction: Double?, seconds: Double) {
        self.fraction = fraction
        self.seconds = seconds
    }
}
