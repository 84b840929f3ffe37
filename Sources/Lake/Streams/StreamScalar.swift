import Primitives
import Scanning

/// Reads single values as Firehose's OpenX SerDe does: a number may stand in quotes, a text column takes what there is.
enum StreamScalar {
    /// The value of a scalar type; nil where the bytes are none. `text` is what stood in the quotes, or all of a number,
    /// `true`, `false`, list or object.
    static func value(_ text: [UInt8], _ type: TableColumnType) -> StreamValue? {
        switch type {
        case .string: return .text(text)
        case .boolean:
            switch String(decoding: text, as: UTF8.self).lowercased() {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            default: return nil
            }
        case .integer: return whole(text).flatMap { Int32(exactly: $0) }.map { .integer($0) }
        case .long: return whole(text).map { .long($0) }
        case .double: return double(text).map { .double($0) }
        case .timestamp: return timestamp(text).map { .long($0.microseconds) }
        case .date: return date(text).map { .integer(Int32($0.daysSinceEpoch)) }
        case .other("float"):
            guard let value = double(text), Float(value).isFinite else { return nil }
            return .double(value)
        default:
            guard let (precision, scale) = type.decimal else { return nil }
            return decimal(text, precision, scale)?.value
        }
    }

    private static func whole(_ text: [UInt8]) -> Int64? {
        // Most are plain digits; `1.0` and `1e3` are whole too.
        if let plain = Int64(String(decoding: text, as: UTF8.self)) { return plain }
        guard let (value, isExact) = decimal(text, 38, 0), isExact, case .decimal(let number) = value else {
            return nil
        }
        return Int64(exactly: number)
    }

    private static func double(_ text: [UInt8]) -> Double? {
        // Swift also reads hexadecimals, infinities and NaN.
        guard text.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
            let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite
        else { return nil }
        return value
    }

    /// A decimal of so many digits, so many behind the point; further ones are rounded, half away from zero as Hive does.
    static func decimal(_ text: [UInt8], _ precision: Int, _ scale: Int) -> (
        value: StreamValue, isExact: Bool
    )? {
        guard var number = DecimalText(text) else { return nil }
        let isExact = number.scale(to: scale)
        guard number.digits.count <= precision else { return nil }
        let value = number.digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
        return (.decimal(number.isNegative ? -value : value), isExact)
    }
}

/// The digits of a decimal number.
private struct DecimalText {
    var isNegative = false
    /// Without leading zeros.
    var digits: [UInt8] = []
    /// How many of the digits stand behind the point; negative where zeros follow.
    var fraction = 0

    init?(_ text: [UInt8]) {
        var rest = text[...]
        if let sign = rest.first, "+-".utf8.contains(sign) {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        var (hasPoint, count) = (false, 0)
        while let byte = rest.first, byte == UInt8(ascii: ".") && !hasPoint || (0x30...0x39).contains(byte) {
            rest.removeFirst()
            if byte == UInt8(ascii: ".") {
                hasPoint = true
                continue
            }
            count += 1
            if hasPoint { fraction += 1 }
            if byte != 0x30 || !digits.isEmpty { digits.append(byte - 0x30) }
        }
        guard count > 0, count <= 400 else { return nil }
        guard let mark = rest.first else { return }
        guard mark | 0x20 == UInt8(ascii: "e"),
            let exponent = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), abs(exponent) <= 400
        else { return nil }
        fraction -= exponent
    }

    /// Moves to so many digits behind the point.
    ///
    /// - Returns: whether nothing was rounded.
    mutating func scale(to scale: Int) -> Bool {
        if fraction <= scale {
            if !digits.isEmpty { digits += repeatElement(0, count: scale - fraction) }
            fraction = scale
            return true
        }
        let dropped = fraction - scale
        fraction = scale
        guard dropped <= digits.count else {
            defer { digits = [] }
            return digits.isEmpty
        }
        let tail = digits.suffix(dropped)
        let isExact = tail.allSatisfy { $0 == 0 }
        let roundsUp = tail.first.map { $0 >= 5 } ?? false
        digits.removeLast(dropped)
        if roundsUp { addOne() }
        return isExact
    }

    private mutating func addOne() {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
    }
}

extension StreamScalar {
    private static let earliest = CivilDay(year: 1, month: 1, day: 1)?.start ?? Timestamp(microseconds: .min)
    private static let latest = Timestamp(
        microseconds: (CivilDay(year: 9999, month: 12, day: 31)?.start.microseconds ?? 0) + 86_399_999_999)

    /// An instant: `2026-08-01T12:00:00.123456789Z`, `2026-8-1 12:00:00.1` (UTC), or seconds since 1970, with a fraction or
    /// not; from 100 billion on they are milliseconds, as Firehose reads them.
    static func timestamp(_ text: [UInt8]) -> Timestamp? {
        if let (value, _) = decimal(text, 38, 6), case .decimal(var number) = value {
            if number.magnitude >= 100_000_000_000_000_000 { number /= 1_000 }
            guard let microseconds = Int64(exactly: number) else { return nil }
            let time = Timestamp(microseconds: microseconds)
            return (earliest...latest).contains(time) ? time : nil
        }
        let string = String(decoding: text, as: UTF8.self)
        if let time = Timestamp(parsing: string) { return time }
        guard let separator = string.firstIndex(where: { $0 == " " || $0 == "T" }),
            let day = date(Array(string[..<separator].utf8))
        else { return nil }
        return Timestamp(parsing: day.description + string[separator...])
    }

    /// A day: `2026-08-01` or `2026-8-1`.
    static func date(_ text: [UInt8]) -> CivilDay? {
        let parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, (1...2).contains(parts[1].count),
            (1...2).contains(parts[2].count), parts.joined().allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        return CivilDay(year: numbers[0], month: numbers[1], day: numbers[2])
    }
}
