import Primitives

/// A user's statement with all that its worker needs to run it.
public struct QueryRequest: Codable, Sendable {
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
    /// The memory of the worker in bytes; the system holds it to that.
    public var memoryBytes: Int
    /// How long it may run, in seconds; its parent kills it a moment later.
    public var timeoutSeconds: Double
    /// Where Parquet goes, which rows cannot be streamed into; only with the format `parquet`.
    public var parquetFile: String?
    /// The most rows that the format `table` shows; the rest is counted.
    public var tableRows: Int

    /// A request.
    public init(
        catalog: QueryCatalog, sql: String, format: Format, memoryBytes: Int = 2 << 30,
        timeoutSeconds: Double = 60,
        tableRows: Int = 1_000
    ) {
        self.catalog = catalog
        self.sql = sql
        self.format = format
        self.memoryBytes = memoryBytes
        self.timeoutSeconds = timeoutSeconds
        self.tableRows = tableRows
    }
}
