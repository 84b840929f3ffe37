#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The bytes with a meaning in JSON.
public enum Ascii {
    /// A tabulator.
    @inlinable public static var tab: UInt8 { 0x09 }
    /// A line feed.
    @inlinable public static var newline: UInt8 { 0x0a }
    /// A carriage return.
    @inlinable public static var carriageReturn: UInt8 { 0x0d }
    /// The separator of RFC 7464.
    @inlinable public static var recordSeparator: UInt8 { 0x1e }
    /// A space.
    @inlinable public static var space: UInt8 { 0x20 }
    /// `"`.
    @inlinable public static var quote: UInt8 { 0x22 }
    /// `,`.
    @inlinable public static var comma: UInt8 { 0x2c }
    /// `:`.
    @inlinable public static var colon: UInt8 { 0x3a }
    /// `[`.
    @inlinable public static var openBracket: UInt8 { 0x5b }
    /// A backslash.
    @inlinable public static var backslash: UInt8 { 0x5c }
    /// `]`.
    @inlinable public static var closeBracket: UInt8 { 0x5d }
    /// `{`.
    @inlinable public static var openBrace: UInt8 { 0x7b }
    /// `}`.
    @inlinable public static var closeBrace: UInt8 { 0x7d }

    /// Blank within a line.
    @inlinable @inline(__always)
    public static func isBlank(_ byte: UInt8) -> Bool {
        byte == space || byte == tab || byte == carriageReturn
    }

    /// White space as JSON has it.
    @inlinable @inline(__always)
    public static func isSpace(_ byte: UInt8) -> Bool {
        isBlank(byte) || byte == newline
    }
}

/// Searches over raw bytes, which do the splitter's heavy work.
public enum ByteScan {
    /// The place of the first newline in `start..<end`, or `end`.
    public static func newline(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        guard start < end, let base = bytes.baseAddress else { return end }
        guard let found = memchr(base + start, Int32(Ascii.newline), end - start) else { return end }
        return UnsafeRawPointer(found) - base
    }

    /// How the search for the end of a string ended.
    @frozen public enum StringEnd {
        /// The closing quote is here.
        case quote(Int)
        /// A raw newline is here, which no JSON string may hold.
        case newline(Int)
        /// The bytes end inside the string.
        case ranOut
    }

    /// Finds the end of a string whose first byte after the opening quote is at `start`.
    @inlinable @inline(__always)
    public static func stringEnd(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> StringEnd
    {
        var place = start
        while true {
            place = firstSpecial(in: bytes, from: place, to: end)
            guard place < end else { return .ranOut }
            switch bytes[place] {
            case Ascii.quote: return .quote(place)
            case Ascii.newline: return .newline(place)
            default:
                guard place + 1 < end else { return .ranOut }
                if bytes[place + 1] == Ascii.newline { return .newline(place + 1) }
                place += 2
            }
        }
    }

    /// The first quote, backslash or newline, or `end`; eight bytes a step, for strings are most of an event.
    @inlinable @inline(__always)
    static func firstSpecial(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        var place = start
        while place + 8 <= end {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let marks =
                zeroBytes(word ^ 0x2222_2222_2222_2222) | zeroBytes(word ^ 0x5c5c_5c5c_5c5c_5c5c)
                | zeroBytes(word ^ 0x0a0a_0a0a_0a0a_0a0a)
            if marks != 0 { return place + marks.trailingZeroBitCount >> 3 }
            place += 8
        }
        while place < end {
            let byte = bytes[place]
            if byte == Ascii.quote || byte == Ascii.backslash || byte == Ascii.newline { break }
            place += 1
        }
        return place
    }

    /// How many of the eight bytes come before the first backslash or control character.
    @inlinable @inline(__always)
    public static func firstEscape(_ word: UInt64) -> Int {
        let isControl = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
        return (zeroBytes(word ^ 0x5c5c_5c5c_5c5c_5c5c) | isControl).trailingZeroBitCount >> 3
    }

    /// The high bit of every zero byte; those above the lowest may be wrong, and only the lowest is used.
    @inlinable @inline(__always)
    static func zeroBytes(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }
}
