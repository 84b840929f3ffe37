/// Finds the members of one JSON object, or the elements of one array, and decodes single strings.
///
/// It reads no more than an envelope needs: values are found, not checked. What is taken out of an envelope goes through
/// the events' own parser afterwards, which checks it.
///
/// Inlinable, so that its callers in other modules walk a body in one pass without a call for each byte.
public struct JSONScanner {
    /// What kind of value stands somewhere.
    @frozen public enum Kind {
        /// `{…}`.
        case object
        /// `[…]`.
        case array
        /// `"…"`.
        case string
        /// A number, `true`, `false`, `null`, or what is no JSON.
        case other
    }

    /// A value: its kind and its bytes, a string's with the quotes.
    @frozen public struct Value {
        /// What it is, by its first byte.
        public let kind: Kind
        /// Where it stands in the scanned bytes.
        public let bytes: UnsafeRawBufferPointer

        @inlinable init(kind: Kind, bytes: UnsafeRawBufferPointer) {
            self.kind = kind
            self.bytes = bytes
        }
    }

    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var offset = 0

    /// A scanner at the start of `bytes`, which must outlive it.
    @inlinable public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Shows each member of the object that is all of `bytes`, until `visit` says false; false if it is no object.
    ///
    /// A key comes without its quotes and as it stands; no key of an envelope needs an escape.
    @inlinable
    public static func members(
        of bytes: UnsafeRawBufferPointer, _ visit: (_ key: UnsafeRawBufferPointer, _ value: Value) -> Bool
    ) -> Bool {
        var hasSeenEnough = false
        var scanner = JSONScanner(bytes)
        let isObject = scanner.members { key, scanner in
            guard let value = scanner.value() else { return false }
            hasSeenEnough = !visit(key, value)
            return !hasSeenEnough
        }
        return hasSeenEnough || isObject && scanner.isAtEnd()
    }

    /// Shows each element of the array that is all of `bytes`, until `visit` says false; false if it is no array.
    @inlinable
    public static func elements(of bytes: UnsafeRawBufferPointer, _ visit: (Value) -> Bool) -> Bool {
        var hasSeenEnough = false
        var scanner = JSONScanner(bytes)
        let isArray = scanner.elements { scanner in
            guard let value = scanner.value() else { return false }
            hasSeenEnough = !visit(value)
            return !hasSeenEnough
        }
        return hasSeenEnough || isArray && scanner.isAtEnd()
    }

    /// Walks the object that comes next: `member` is given each key and must take the value behind it off the scanner.
    ///
    /// False where the bytes are no object or where `member` says false, which leaves the scanner there.
    @inlinable
    public mutating func members(
        _ member: (_ key: UnsafeRawBufferPointer, _ scanner: inout JSONScanner) -> Bool
    ) -> Bool {
        list(from: Ascii.openBrace, to: Ascii.closeBrace) { scanner in
            guard scanner.peek() == Ascii.quote, let key = scanner.value(), scanner.take(Ascii.colon) else {
                return false
            }
            return member(UnsafeRawBufferPointer(rebasing: key.bytes.dropFirst().dropLast()), &scanner)
        }
    }

    /// Walks the array that comes next: `element` must take each value off the scanner; false as for ``members(_:)``.
    @inlinable
    public mutating func elements(_ element: (_ scanner: inout JSONScanner) -> Bool) -> Bool {
        list(from: Ascii.openBracket, to: Ascii.closeBracket, element)
    }

    @inlinable
    mutating func list(from open: UInt8, to close: UInt8, _ item: (inout JSONScanner) -> Bool) -> Bool {
        guard take(open) else { return false }
        if take(close) { return true }
        while true {
            guard item(&self) else { return false }
            if take(Ascii.comma) { continue }
            return take(close)
        }
    }

    @inlinable
    mutating func skipSpace() {
        while offset < bytes.count, Ascii.isSpace(bytes[offset]) { offset += 1 }
    }

    /// The next byte that is no white space; nil at the end.
    @inlinable
    public mutating func peek() -> UInt8? {
        skipSpace()
        return offset < bytes.count ? bytes[offset] : nil
    }

    @inlinable
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    /// Whether nothing but white space is left.
    @inlinable
    public mutating func isAtEnd() -> Bool { peek() == nil }

    /// Takes the value that comes next; nil where there is none or it does not end.
    @inlinable
    public mutating func value() -> Value? {
        guard let first = peek() else { return nil }
        let start = offset
        let kind: Kind
        switch first {
        case Ascii.quote:
            kind = .string
            guard skipString() else { return nil }
        case Ascii.openBrace, Ascii.openBracket:
            kind = first == Ascii.openBrace ? .object : .array
            guard skipNested() else { return nil }
        default:
            kind = .other
            while offset < bytes.count, !JSONScanner.endsScalar(bytes[offset]) { offset += 1 }
            if offset == start { return nil }
        }
        return Value(kind: kind, bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
    }

    @inlinable
    mutating func skipString() -> Bool {
        guard case .quote(let end) = ByteScan.stringEnd(in: bytes, from: offset + 1, to: bytes.count) else {
            return false
        }
        offset = end + 1
        return true
    }

    @inlinable
    mutating func skipNested() -> Bool {
        var depth = 0
        while offset < bytes.count {
            switch bytes[offset] {
            case Ascii.quote:
                guard skipString() else { return false }
                continue
            case Ascii.openBrace, Ascii.openBracket: depth += 1
            case Ascii.closeBrace, Ascii.closeBracket:
                depth -= 1
                if depth == 0 {
                    offset += 1
                    return true
                }
            default: break
            }
            offset += 1
        }
        return false
    }

    @inlinable
    static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case Ascii.comma, Ascii.closeBrace, Ascii.closeBracket, Ascii.colon, Ascii.quote, Ascii.openBrace,
            Ascii.openBracket:
            true
        default: Ascii.isSpace(byte)
        }
    }
}

extension JSONScanner.Value {
    /// The decoded text of a string; nil for another kind, a raw control character, a bad escape or half a surrogate pair.
    public func text() -> [UInt8]? {
        guard kind == .string else { return nil }
        return JSONText.decode(UnsafeRawBufferPointer(rebasing: bytes.dropFirst().dropLast()))
    }

    /// The text as a string; invalid UTF-8 is nil too.
    public func string() -> String? {
        text().flatMap { String(validating: $0, as: UTF8.self) }
    }
}
