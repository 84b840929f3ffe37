import Analytics
import Foundation
import Primitives

/// One moment of a lake, as far as a statement wants it.
public struct QuerySnapshot: Sendable {
    /// What the statement may read.
    public var catalog: QueryCatalog
    /// The columns of the tables by name.
    public var columns: [String: [String]]
    /// How new it is.
    public var freshness: AnalyticsResult.Freshness
    /// Which facts were made beforehand: those of the table that the catalog has for them.
    public var coverage: FactCoverage

    /// A moment.
    public init(
        catalog: QueryCatalog, columns: [String: [String]], freshness: AnalyticsResult.Freshness,
        coverage: FactCoverage = .none
    ) {
        (self.catalog, self.columns, self.freshness) = (catalog, columns, freshness)
        self.coverage = coverage
    }

    /// Reads the latest moment.
    ///
    /// - Parameter reads: which tables, and which time of them; nil for everything and the views over it.
    public typealias Reader = @Sendable (_ reads: [TableRead]?) async throws -> QuerySnapshot
}

extension QuerySnapshot {
    /// Whether one of its files is gone.
    var isIncomplete: Bool {
        catalog.tables.contains { $0.files.contains { access($0, F_OK) != 0 } }
    }
}
