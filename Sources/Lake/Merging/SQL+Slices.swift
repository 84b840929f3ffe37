import Primitives

extension SQL {
    /// A query for the first value of each slice but the first, where rows are cut by a value into slices of about as many rows; fewer where
    /// many rows have the same value.
    ///
    /// - Parameters:
    ///   - count: how many slices; two or more.
    ///   - value: an expression of the rows, such as the time.
    ///   - source: the rows, as what FROM takes.
    static func bounds(ofSlices count: Int, by value: String, in source: String) -> String {
        let shares = (1..<count).map { String(Double($0) / Double(count)) }.joined(separator: ", ")
        return
            "SELECT DISTINCT unnest(quantile_disc(\(value), [\(shares)])) AS bound FROM \(source) ORDER BY bound"
    }
}
