/// How many rows a row group of a table has at most.
///
/// A reader decodes all of a group for one row of it, so the size decides how long the journey of a message takes: with
/// 61,440 rows less than half as long as with 250,000, for files that are 3 % larger since texts that repeat stand in each group.
/// It is a multiple of 2,048, which DuckDB computes with at once.
enum RowGroupSize {
    static let rows = 61_440
}
