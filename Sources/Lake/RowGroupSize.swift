/// How many rows a row group of a table has at most.
///
/// A reader decodes all of a group for one row of it, so the size decides how long the journey of a message takes: with
/// 61,440 rows less than half as long as with 250,000, for files that are 3 % larger since texts that repeat stand in each group.
/// It is a multiple of 2,048, which DuckDB computes with at once.
enum RowGroupSize {
    static let rows = 61_440

    /// How many rows a row group has of a file that has so many rows, or is made of so many: a few dozen groups a file. Who asks for the bounces of a
    /// day then reads little else, and who reads a hundred files has few thousand groups' statistics to look at.
    static func ofFile(with count: Int) -> Int { min(max(count / 24 / 2_048, 1) * 2_048, rows) }
}
