import Primitives

/// Writes `2026-08-01T12:00:00.123Z`, with the dates of the run laid out beforehand.
struct TimeWriter {
    private let firstDay: Int
    private let dates: [[UInt8]]

    /// Covers the days of `range`, counted from 1970-01-01.
    init(days range: Range<Int>) {
        firstDay = range.lowerBound
        dates = range.map { [UInt8](text: CivilDay(daysSinceEpoch: $0).description + "T") }
    }

    func write(_ milliseconds: Int64, to line: inout LineBuffer) {
        let day = Int(milliseconds / Span.day)
        let inDay = Int(milliseconds % Span.day)
        line.write(dates[day - firstDay])
        line.write(number: inDay / 3_600_000, digits: 2)
        line.write(byte: UInt8(ascii: ":"))
        line.write(number: inDay / 60_000 % 60, digits: 2)
        line.write(byte: UInt8(ascii: ":"))
        line.write(number: inDay / 1_000 % 60, digits: 2)
        line.write(byte: UInt8(ascii: "."))
        line.write(number: inDay % 1_000, digits: 3)
        line.write(byte: UInt8(ascii: "Z"))
    }
}
