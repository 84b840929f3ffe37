/// Finds the members of one JSON object, or the elements of one array, and decodes single strings.
///
/// It reads no more than an envelope needs: values are found, not checked. What is taken out of an envelope goes through
/// the events' own parser afterwards, which checks it.
struct JSONScanner {
    /// What kind of value stands somewhere.
    enum Kind {
        case object, array, string, other
    }

    /// A value: its kind and its bytes, a string's with the quotes.
    struct Value {
        let kind: Kind
        let bytes: UnsafeRawBufferPointer
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Shows each member of the object that is all of `bytes`, until `visit` says false; false if it is no object.
    ///
    /// A key comes without its quotes and as it stands; no key of an envelope needs an escape.
    static func members(
        of bytes: UnsafeRawBufferPointer, _ visit: (_ key: UnsafeRawBufferPointer, _ value: Value) -> Bool
    ) -> Bool {
        var scanner = JSONScanner(bytes)
        return scanner.list(from: Ascii.openBrace, to: Ascii.closeBrace) { scanner in
            guard scanner.peek() == Ascii.quote, let key = scanner.value(), scanner.take(Ascii.colon),
                let value = scanner.value()
            else { return nil }
            return visit(UnsafeRawBufferPointer(rebasing: key.bytes.dropFirst().dropLast()), value)
        }
    }

    /// Shows each element of the array that is all of `bytes`, until `visit` says false; false if it is no array.
    static func elements(of bytes: UnsafeRawBufferPointer, _ visit: (Value) -> Bool) -> Bool {
        var scanner = JSONScanner(bytes)
        return scanner.list(from: Ascii.openBracket, to: Ascii.closeBracket) { scanner in
            scanner.value().map(visit)
        }
    }

    /// Walks a bracketed list; `item` is nil where it is malformed and false where the caller has seen enough.
    private mutating func list(
        from open: UInt8, to close: UInt8, _ item: (inout JSONScanner) -> Bool?
    ) -> Bool {
        guard take(open) else { return false }
        if take(close) { return isAtEnd() }
        while true {
            guard let goesOn = item(&self) else { return false }
            if !goesOn { return true }
            if take(Ascii.comma) { continue }
            return take(close) && isAtEnd()
        }
    }

    private mutating func skipSpace() {
        while offset < bytes.count, Ascii.isSpace(bytes[offset]) { offset += 1 }
    }

    private mutating func peek() -> UInt8? {
        skipSpace()
        return offset < bytes.count ? bytes[offset] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func isAtEnd() -> Bool { peek() == nil }

    private mutating func value() -> Value? {
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

    private mutating func skipString() -> Bool {
        guard case .quote(let end) = ByteScan.stringEnd(in: bytes, from: offset + 1, to: bytes.count) else {
            return false
        }
        offset = end + 1
        return true
    }

    private mutating func skipNested() -> Bool {
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

    private static func endsScalar(_ byte: UInt8) -> Bool {
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
    func text() -> [UInt8]? {
        guard kind == .string else { return nil }
        return JSONText.decode(UnsafeRawBufferPointer(rebasing: bytes.dropFirst().dropLast()))
    }

    /// The text as a string; invalid UTF-8 is nil too.
    func string() -> String? {
        text().flatMap { String(validating: $0, as: UTF8.self) }
    }
}
