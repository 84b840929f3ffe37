import CSimdJSON

/// UTF-8 text that lies in somebody else's memory: the parser's, or an ``EventRecord``'s own.
///
/// It holds only until the next record is decoded.
public struct TextSlice {
    /// The first byte.
    public let base: UnsafePointer<UInt8>
    /// The number of bytes.
    public let count: Int

    @inlinable init(base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        self.count = count
    }

    /// The bytes.
    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// A copy as a string.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the bytes are those of `text`.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && memoryEqual(base, text.utf8Start, count)
    }
}

@inline(__always)
func memoryEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    for index in 0..<count where left[index] != right[index] { return false }
    return true
}

/// A value of a parsed JSON document, as a position on simdjson's tape.
///
/// The tape is one pass over 64-bit words, the type in the top byte: `{` and `[` hold the position behind their end,
/// `"` an offset into the string buffer, `l`, `u` and `d` are followed by a word with the number.
struct JSONValue {
    let tape: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>
    let index: Int

    enum Kind { case object, array, text, integer, unsigned, double, bool, null }

    @inline(__always)
    private var tag: UInt8 { UInt8(truncatingIfNeeded: tape[index] >> 56) }

    @inline(__always)
    private var payload: UInt64 { tape[index] & 0x00FF_FFFF_FFFF_FFFF }

    var kind: Kind {
        switch tag {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .text
        case UInt8(ascii: "l"): .integer
        case UInt8(ascii: "u"): .unsigned
        case UInt8(ascii: "d"): .double
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        default: .null
        }
    }

    @inline(__always)
    var isNull: Bool { tag == UInt8(ascii: "n") }

    @inline(__always)
    var isObject: Bool { tag == UInt8(ascii: "{") }

    /// The text, or nil if the value is not a string.
    @inline(__always)
    var text: TextSlice? {
        guard tag == UInt8(ascii: "\"") else { return nil }
        let start = strings + Int(payload)
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return TextSlice(base: start + 4, count: Int(length))
    }

    /// The whole number, or nil if the value is none that fits.
    var integer: Int64? {
        switch kind {
        case .integer: Int64(bitPattern: tape[index + 1])
        case .unsigned: Int64(exactly: tape[index + 1])
        case .double: Int64(exactly: Double(bitPattern: tape[index + 1]))
        default: nil
        }
    }

    var double: Double { Double(bitPattern: tape[index + 1]) }
    var unsigned: UInt64 { tape[index + 1] }

    /// The boolean, or nil if the value is none.
    var bool: Bool? {
        switch tag {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    @inline(__always)
    private var indexBehind: Int {
        switch tag {
        case UInt8(ascii: "{"), UInt8(ascii: "["): Int(payload & 0xFFFF_FFFF)
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
        default: index + 1
        }
    }

    @inline(__always)
    private func at(_ index: Int) -> JSONValue { JSONValue(tape: tape, strings: strings, index: index) }

    /// Calls `body` for each member of an object in document order; nothing happens for other values.
    @inline(__always)
    func forEachMember<E: Error>(_ body: (TextSlice, JSONValue) throws(E) -> Void) throws(E) {
        guard isObject else { return }
        let end = indexBehind - 1
        var key = at(index + 1)
        while key.index < end {
            let value = at(key.index + 1)
            if let name = key.text { try body(name, value) }
            key = at(value.indexBehind)
        }
    }

    /// Calls `body` for each element of an array; nothing happens for other values.
    @inline(__always)
    func forEachElement<E: Error>(_ body: (JSONValue) throws(E) -> Void) throws(E) {
        guard tag == UInt8(ascii: "[") else { return }
        let end = indexBehind - 1
        var element = at(index + 1)
        while element.index < end {
            try body(element)
            element = at(element.indexBehind)
        }
    }

    /// The member called `name`; the last one where a document repeats a key.
    func member(_ name: StaticString) -> JSONValue? {
        var found: JSONValue?
        forEachMember { key, value in if key.equals(name) { found = value } }
        return found
    }
}

/// Owns a simdjson parser.
final class JSONParser {
    private let parser = sesame_json_parser_create()

    deinit { sesame_json_parser_destroy(parser) }

    /// Parses one document; 64 readable bytes must follow the bytes. The value holds until the next call.
    func parse(_ bytes: UnsafeRawBufferPointer) throws(EventDecodingError) -> JSONValue {
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw .notJSON("it is empty") }
        let document = sesame_json_parse(parser, base.assumingMemoryBound(to: UInt8.self), bytes.count)
        guard document.error == 0, let tape = document.tape, let strings = document.strings else {
            throw .notJSON(String(cString: sesame_json_error_message(document.error)))
        }
        return JSONValue(tape: tape, strings: strings, index: 1)
    }
}
