/// Bytes of one line under construction, in memory that is used again for the next line.
struct LineBuffer {
    private(set) var bytes: [UInt8]

    init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    var count: Int { bytes.count }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    mutating func write(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ piece: [UInt8]) { bytes.append(contentsOf: piece) }

    mutating func write(_ range: Range<Int>, of other: LineBuffer) {
        other.bytes.withUnsafeBufferPointer { bytes.append(contentsOf: $0[range]) }
    }

    mutating func write(byte: UInt8) { bytes.append(byte) }

    mutating func write(number: Int) {
        if number < 10 {
            bytes.append(48 + UInt8(truncatingIfNeeded: number))
            return
        }
        write(number: number / 10)
        bytes.append(48 + UInt8(truncatingIfNeeded: number % 10))
    }

    mutating func write(number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(48 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// The low `digits` hexadecimal digits, most significant first.
    mutating func write(hex value: UInt64, digits: Int) {
        var shift = digits * 4
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: value &>> UInt64(shift)) & 15
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }

    /// `length` characters of the queue ids that mail servers give: upper-case letters and digits.
    mutating func write(queueID value: UInt64, length: Int) {
        var rest = value
        for _ in 0..<length {
            let digit = UInt8(truncatingIfNeeded: rest % 36)
            bytes.append(digit < 10 ? 48 + digit : 55 + digit)
            rest /= 36
        }
    }
}

extension [UInt8] {
    init(text: String) { self = Array(text.utf8) }
}

/// The text as it stands between the quotes of a JSON string.
///
/// Only for text written in this module: it escapes what that can hold, quotes and backslashes.
func jsonEscaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
        if character == "\"" || character == "\\" { escaped.append("\\") }
        escaped.append(character)
    }
    return escaped
}
