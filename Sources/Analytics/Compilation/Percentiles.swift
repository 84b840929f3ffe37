/// Percentiles of values that are rounded and counted, and not put in order one by one.
///
/// Values have three significant digits, as much as anybody reads of a time: so a day of a million mails has some two thousand different
/// values, and counts of them can be kept and added. A percentile of all values could not be had from those of parts of them.
enum Percentiles {
    /// SQL of a value of 0 and more with three significant digits: 1,234 is 1,230.
    static func rounded(_ value: String) -> String {
        "CAST(round(\(value), 2 - CAST(floor(log10(greatest(\(value), 100))) AS INTEGER)) AS BIGINT)"
    }

    /// The column of rounded values.
    static let value = "value"

    /// SQL of rows with a number of values each, to be grouped by columns, and of those in all.
    ///
    /// - Parameters:
    ///   - keys: the columns.
    ///   - rows: SQL of rows with the columns, `value` and `counted`, how often it is there.
    /// - Returns: rows with `is_total`, the columns, `value`, `up_to`, how many values are no greater, and `of_all`, how many there are. Without any value
    ///   it is null, and counts nothing.
    static func ranked(by keys: [String], _ rows: String) -> String {
        let list = keys.joined(separator: ", ")
        let columns = keys.map { $0 + ", " }.joined()
        // The many rows are grouped once, and for the total what is left of them.
        let all = """
            SELECT \(columns)\(value), CASE WHEN \(value) IS NULL THEN 0 ELSE sum(counted) END AS counted
            FROM (\(rows)) GROUP BY \(columns)\(value)
            """
        let counts =
            keys.isEmpty
            ? "SELECT true AS is_total, * FROM (\(all))"
            : """
            SELECT grouping(\(keys[0])) = 1 AS is_total, \(columns)\(value), sum(counted) AS counted
            FROM (\(all)) GROUP BY GROUPING SETS ((\(list), \(value)), (\(value)))
            """
        return """
            SELECT *, sum(counted) OVER (within ORDER BY \(value) ROWS UNBOUNDED PRECEDING) AS up_to, sum(counted) OVER within AS of_all
            FROM (\(counts)) WINDOW within AS (PARTITION BY \((["is_total"] + keys).joined(separator: ", ")))
            """
    }

    /// The aggregate over ranked rows: the value below which a share of all lie, between two where it falls there.
    static func aggregate(_ share: Double) -> String {
        let place = "(of_all - 1) * \(share)::DOUBLE"
        let low = "min(\(value)) FILTER (up_to > floor(\(place)))"
        let high = "min(\(value)) FILTER (up_to > ceil(\(place)))"
        return "\(low) + (\(high) - \(low)) * (any_value(\(place)) - floor(any_value(\(place))))"
    }
}
