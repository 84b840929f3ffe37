import CDuckDB
import Primitives

/// Turns parameters into DuckDB's values.
enum EngineValue {
    /// A value that the caller has to destroy.
    static func make(_ value: Value) throws(Failure) -> duckdb_value? {
        switch value {
        case .null: duckdb_create_null_value()
        case .boolean(let flag): duckdb_create_bool(flag)
        case .integer(let number): duckdb_create_int64(number)
        case .hugeint(let number): duckdb_create_hugeint(halves(number))
        case .double(let number): duckdb_create_double(number)
        case .decimal(let unscaled, let scale):
            duckdb_create_decimal(duckdb_decimal(width: 38, scale: UInt8(scale), value: halves(unscaled)))
        case .text(let text): makeText(text)
        case .blob(let bytes): duckdb_create_blob(bytes, idx_t(bytes.count))
        case .timestamp(let time): duckdb_create_timestamp_tz(duckdb_timestamp(micros: time.microseconds))
        case .date(let day): duckdb_create_date(duckdb_date(days: Int32(clamping: day.daysSinceEpoch)))
        case .time(let microseconds): duckdb_create_time(duckdb_time(micros: microseconds))
        case .interval(let months, let days, let microseconds):
            duckdb_create_interval(duckdb_interval(months: months, days: days, micros: microseconds))
        case .list(let values): try makeList(values)
        case .map, .structure:
            throw Failure(
                .usage, "a MAP or STRUCT cannot be bound as a parameter; pass its parts, or JSON text")
        }
    }

    private static func halves(_ number: Int128) -> duckdb_hugeint {
        duckdb_hugeint(
            lower: UInt64(truncatingIfNeeded: number), upper: Int64(truncatingIfNeeded: number >> 64))
    }

    private static func makeText(_ text: String) -> duckdb_value? {
        var copy = text
        return copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                duckdb_create_varchar_length($0.baseAddress, idx_t($0.count))
            }
        }
    }

    /// A list takes the type of its first element that is not NULL.
    private static func makeList(_ values: [Value]) throws(Failure) -> duckdb_value? {
        var elements: [duckdb_value?] = []
        defer {
            for index in elements.indices { duckdb_destroy_value(&elements[index]) }
        }
        for value in values { elements.append(try make(value)) }
        let sample = values.firstIndex { $0 != .null }
        // The type of a value belongs to the value; only one made here is ours to destroy.
        var text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR)
        defer { duckdb_destroy_logical_type(&text) }
        let type = sample.map { duckdb_get_value_type(elements[$0]) } ?? text
        return duckdb_create_list_value(type, &elements, idx_t(elements.count))
    }
}
