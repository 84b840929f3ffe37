import Analytics
import Primitives

/// One moment of a lake, as far as a statement wants it.
public struct QuerySnapshot: Sendable {
    /// What the statement may read.
    public var catalog: QueryCatalog
    /// The columns of the tables by name.
    public var columns: [String: [String]]
    /// How new it is.
    public var freshness: AnalyticsResult.Freshness

    /// A moment.
    public init(catalog: QueryCatalog, columns: [String: [String]], freshness: AnalyticsResult.Freshness) {
        (self.catalog, self.columns, self.freshness) = (catalog, columns, freshness)
    }

    /// Reads the latest moment.
    ///
    /// - Parameter reads: which tables, and which time of them; nil for everything and the views over it.
    public typealias Reader = @Sendable (_ reads: [TableRead]?) async throws -> QuerySnapshot
}
