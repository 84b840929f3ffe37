import CDuckDB
import Primitives

extension ColumnReader {
    /// The row's value, copied out.
    public func value(_ row: Int) -> Value {
        if isNull(row) { return .null }
        switch type {
        case .scalar(let scalar): return scalarValue(scalar, row)
        case .decimal(let width, let scale):
            return .decimal(unscaled: unscaled(row, width: width), scale: scale)
        case .enumeration(let labels): return .text(labels[enumIndex(row, labelCount: labels.count)])
        case .list, .array:
            let element = element
            return .list(range(row).map { element.value($0) })
        case .structure(let fields):
            return .structure(
                fields.indices.map { Value.Field(name: fields[$0].name, value: field($0).value(row)) })
        case .map:
            let (keys, values) = (field(0), field(1))
            return .map(range(row).map { Value.Pair(key: keys.value($0), value: values.value($0)) })
        case .union:
            return field(Int(field(0).load(row, as: UInt8.self)) + 1).value(row)
        case .unknown(let id):
            return .text("(a value of DuckDB's type \(id); cast it to VARCHAR to read it)")
        }
    }

    private func scalarValue(_ scalar: ColumnType.Scalar, _ row: Int) -> Value {
        switch scalar {
        case .boolean: .boolean(load(row, as: UInt8.self) != 0)
        case .tinyint: .integer(Int64(load(row, as: Int8.self)))
        case .smallint: .integer(Int64(load(row, as: Int16.self)))
        case .integer: .integer(Int64(load(row, as: Int32.self)))
        case .bigint: .integer(load(row, as: Int64.self))
        case .utinyint: .integer(Int64(load(row, as: UInt8.self)))
        case .usmallint: .integer(Int64(load(row, as: UInt16.self)))
        case .uinteger: .integer(Int64(load(row, as: UInt32.self)))
        case .ubigint, .hugeint, .uhugeint: wideInteger(scalar, row)
        case .float: .double(Double("\(load(row, as: Float.self))") ?? .nan)
        case .double: .double(load(row, as: Double.self))
        case .text, .json: .text(String(decoding: bytes(row), as: UTF8.self))
        case .blob: .blob(Array(bytes(row)))
        case .bit: .text(bitText(bytes(row)))
        case .bignum: .text(bignumText(bytes(row)))
        case .uuid: .text(uuidText(load(row, as: duckdb_hugeint.self)))
        case .interval: intervalValue(load(row, as: duckdb_interval.self))
        case .null: .null
        default: temporalValue(scalar, row)
        }
    }

    private func temporalValue(_ scalar: ColumnType.Scalar, _ row: Int) -> Value {
        if scalar == .date {
            let days = load(row, as: Int32.self)
            return infinity(days, Int32.max) ?? .date(CivilDay(daysSinceEpoch: Int(days)))
        }
        let count = load(row, as: Int64.self)
        switch scalar {
        case .time: return .time(count)
        case .timeNanoseconds: return .text(Value.timeText(count / 1_000) + nanosecondTail(count))
        case .timeZoned: return .text(zonedTimeText(UInt64(bitPattern: count)))
        default: break
        }
        if let infinite = infinity(count, Int64.max) { return infinite }
        switch scalar {
        case .timestampSeconds: return .timestamp(Timestamp(microseconds: count &* 1_000_000))
        case .timestampMilliseconds: return .timestamp(Timestamp(microseconds: count &* 1_000))
        case .timestampNanoseconds:
            // Swift's Timestamp ends at microseconds; only a time that has more is given as text.
            let time = Timestamp(microseconds: count.floorDivided(by: 1_000))
            if count % 1_000 == 0 { return .timestamp(time) }
            return .text(nanosecondText(time, nanoseconds: Int(count - time.microseconds * 1_000)))
        default: return .timestamp(Timestamp(microseconds: count))
        }
    }

    private func infinity<T: FixedWidthInteger & SignedInteger>(_ count: T, _ infinite: T) -> Value? {
        if count == infinite { return .text("infinity") }
        return count == -infinite ? .text("-infinity") : nil
    }

    private func nanosecondTail(_ count: Int64) -> String {
        count % 1_000 == 0 ? "" : " +\(count % 1_000)ns"
    }

    private func nanosecondText(_ time: Timestamp, nanoseconds: Int) -> String {
        let whole = Timestamp(microseconds: time.microseconds.floorDivided(by: 1_000_000) * 1_000_000)
        let fraction = Int(time.microseconds - whole.microseconds) * 1_000 + nanoseconds
        return whole.iso8601.dropLast(4) + String(fraction + 1_000_000_000).dropFirst() + "Z"
    }

    /// Forty bits of microseconds, then 24 bits of offset counted down from 15:59:59.
    private func zonedTimeText(_ bits: UInt64) -> String {
        let offset = 57_599 - Int(bits & 0xFF_FFFF)
        let parts = Value.timeText(Int64(abs(offset)) * 1_000_000).split(separator: ":")
        let zone = parts[0] + (parts[1] == "00" && parts[2] == "00" ? "" : ":" + parts[1])
        return Value.timeText(Int64(bits >> 24)) + (offset < 0 ? "-" : "+") + zone
    }

    private func intervalValue(_ interval: duckdb_interval) -> Value {
        .interval(months: interval.months, days: interval.days, microseconds: interval.micros)
    }
}
