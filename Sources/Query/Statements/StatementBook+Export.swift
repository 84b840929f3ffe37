import Primitives

extension StatementBook {
    /// Writes the rows of a statement that has succeeded as a Parquet file below the pool's writable folder.
    ///
    /// The kept rows are JSON, which has fewer types than Parquet; so the statement runs again, over the lake as it is now.
    ///
    /// - Throws: ``Failure`` of kind notFound, usage for one that has not succeeded, and as the pool does.
    public func write(_ id: String, toParquet path: String) async throws {
        let order = try exportOrder(id)
        var request = QueryRequest(
            catalog: try await order.snapshot(nil).catalog, sql: order.sql, format: .parquet,
            timeoutSeconds: order.timeoutSeconds)
        request.parquetFile = path
        try await order.pool.run(request) { _ in }
    }
}
