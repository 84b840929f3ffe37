extension Timestamp {
    /// Reads the forms in which SES and its neighbours write times.
    ///
    /// `2026-08-01T12:00:00.123Z`, a space in place of `T`, no fraction or one to nine digits (those past microseconds
    /// are cut), no zone (read as UTC), `Z`, or an offset such as `+02:00`, `+0200` or ` +0000`. Anything else is nil.
    public init?(parsing text: some StringProtocol) {
        var copy = String(text)
        guard let parsed = copy.withUTF8({ Timestamp(parsing: UnsafeRawBufferPointer($0)) }) else {
            return nil
        }
        self = parsed
    }

    /// Reads a time from UTF-8 bytes; see ``init(parsing:)-(StringProtocol)``.
    public init?(parsing bytes: UnsafeRawBufferPointer) {
        var reader = DigitReader(bytes: bytes)
        guard let year = reader.digits(4), reader.skip("-"),
            let month = reader.digits(2), reader.skip("-"),
            let dayOfMonth = reader.digits(2), reader.skip("T") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"),
            let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2),
            let day = CivilDay(year: year, month: month, day: dayOfMonth),
            hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction = 0
        if reader.skip(".") || reader.skip(",") {
            guard let read = reader.fraction() else { return nil }
            fraction = read
        }
        guard let offset = reader.zoneOffsetMinutes(), reader.isAtEnd else { return nil }
        let seconds = (hour * 60 + minute - offset) * 60 + min(second, 59)
        microseconds = day.start.microseconds + Int64(seconds) * 1_000_000 + Int64(fraction)
    }

    /// The time as `2026-08-01T12:00:00.123Z`: milliseconds, or microseconds where the instant has them.
    public var iso8601: String {
        let (year, month, day) = self.day.components
        let inDay = Int(microseconds - self.day.start.microseconds)
        let (seconds, fraction) = (inDay / 1_000_000, inDay % 1_000_000)
        let subsecond =
            fraction % 1_000 == 0 ? padded(fraction / 1_000, 3) : padded(fraction, 6)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2)).\(subsecond)Z"
    }
}

extension Timestamp: CustomStringConvertible {
    /// The time as ``iso8601``.
    public var description: String { iso8601 }
}

extension CivilDay: CustomStringConvertible {
    /// The day as `2026-08-01`.
    public var description: String {
        let (year, month, day) = components
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Reads fixed-width decimal fields from bytes.
private struct DigitReader {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for offset in 0..<count {
            let digit = Int(bytes[position + offset]) - 48
            guard (0...9).contains(digit) else { return nil }
            value = value * 10 + digit
        }
        position += count
        return value
    }

    /// Microseconds from one to nine digits after the point.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while count < 9, let digit = digits(1) {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 6) { value *= 10 }
        return value
    }

    mutating func zoneOffsetMinutes() -> Int? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        _ = skip(" ")
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return skip("Z") ? 0 : nil }
        guard let hours = digits(2) else { return nil }
        _ = skip(":")
        guard isAtEnd || bytes.count - position == 2 else { return nil }
        let minutes = isAtEnd ? 0 : digits(2)
        guard let minutes, hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension Timestamp {
    /// `2026-08-01 12:00`: as fine as a list wants it, in UTC.
    public var minuteText: String { String(iso8601.prefix(16)).replacing("T", with: " ") }
    /// `2026-08-01 12:00:00.123`, in UTC.
    public var millisecondText: String { String(iso8601.dropLast()).replacing("T", with: " ") }
}
