/// What a statement may read: tables as lists of files, and views over them. One snapshot of a lake.
public struct QueryCatalog: Codable, Sendable, Hashable {
    /// A table.
    public struct Table: Codable, Sendable, Hashable {
        /// Its name in SQL.
        public var name: String
        /// Absolute paths of its Parquet files.
        public var files: [String]
        /// Its columns as `name TYPE, …`, for a table without files.
        public var columns: String
        /// The names of the columns, where each file is known to have them all with these types: then no file needs to be
        /// opened to learn what the table has. Nil where files may differ.
        public var uniformColumns: [String]?
        /// SQL over the files, where the table is more than their rows; `$files` stands for them.
        public var definition: String?

        /// A table.
        public init(
            name: String, files: [String], columns: String, uniformColumns: [String]? = nil,
            definition: String? = nil
        ) {
            self.name = name
            self.files = files
            self.columns = columns
            self.uniformColumns = uniformColumns
            self.definition = definition
        }
    }

    /// A view.
    public struct View: Codable, Sendable, Hashable {
        /// Its name in SQL.
        public var name: String
        /// Its SELECT.
        public var sql: String

        /// A view.
        public init(name: String, sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    /// The tables.
    public var tables: [Table]
    /// The views, each over tables and earlier views.
    public var views: [View]

    /// A catalog.
    public init(tables: [Table], views: [View] = []) {
        self.tables = tables
        self.views = views
    }
}
