import Primitives
import Scanning

/// A JSON value as the Delta log holds it: keys print in sorted order and numbers keep the text they came with, so that
/// reading an action and writing it again changes nothing that a reader could notice.
public indirect enum DeltaJSON: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number, as written.
    case number(String)
    /// A string.
    case string(String)
    /// An array.
    case array([DeltaJSON])
    /// An object.
    case object([String: DeltaJSON])

    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> DeltaJSON { .number(String(value)) }

    /// A string, or null.
    static func optional(_ value: String?) -> DeltaJSON { value.map { .string($0) } ?? .null }

    /// The value under `key`, where this is an object that has one; JSON nulls count as absent.
    public subscript(key: String) -> DeltaJSON? {
        guard case .object(let members) = self, let value = members[key], value != .null else { return nil }
        return value
    }

    /// The string, where this is one.
    public var text: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The whole number, where this is one that fits 64 bits.
    public var int64: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(digits) ?? Double(digits).flatMap { Int64(exactly: $0) }
    }

    /// The truth value, where this is one.
    public var bool: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The members, where this is an object.
    public var members: [String: DeltaJSON]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The elements, where this is an array.
    public var elements: [DeltaJSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// An object of strings (or nulls) as a dictionary.
    var stringMap: [String: String?]? {
        members?.mapValues { $0.text }
    }
}

// MARK: - Writing

extension DeltaJSON {
    /// The value on one line with sorted keys.
    public var line: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .null: output += "null"
        case .boolean(let value): output += value ? "true" : "false"
        case .number(let digits): output += digits
        case .string(let value): output += JSONText.quoted(value)
        case .array(let values):
            output += "["
            for (index, value) in values.enumerated() {
                if index > 0 { output += "," }
                value.write(to: &output)
            }
            output += "]"
        case .object(let members):
            output += "{"
            // Sorted by bytes: Swift's own order of strings depends on Unicode tables.
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, (key, value)) in sorted.enumerated() {
                if index > 0 { output += "," }
                output += JSONText.quoted(key)
                output += ":"
                value.write(to: &output)
            }
            output += "}"
        }
    }
}

// MARK: - Reading

extension DeltaJSON {
    /// Reads one JSON value.
    ///
    /// - Throws: ``Failure`` of kind `storage` where the text is not JSON.
    public init(parsing text: some StringProtocol) throws(Failure) {
        var parser = DeltaJSONParser(bytes: Array(text.utf8))
        self = try parser.document()
    }
}

/// A recursive-descent JSON reader; nesting is limited to 128 so that a damaged file cannot exhaust the stack.
private struct DeltaJSONParser {
    let bytes: [UInt8]
    var position = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(Failure) -> DeltaJSON {
        let result = try value()
        skipSpace()
        guard position == bytes.count else { throw malformed() }
        return result
    }

    private func malformed() -> Failure {
        Failure(.storage, "malformed JSON at byte \(position)")
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func literal(_ word: StaticString, _ result: DeltaJSON) throws(Failure) -> DeltaJSON {
        let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: expected) else { throw malformed() }
        position += expected.count
        return result
    }

    private mutating func value() throws(Failure) -> DeltaJSON {
        skipSpace()
        guard position < bytes.count, depth < 128 else { throw malformed() }
        depth += 1
        defer { depth -= 1 }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .boolean(true))
        case UInt8(ascii: "f"): return try literal("false", .boolean(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(Failure) -> DeltaJSON {
        position += 1
        var members: [String: DeltaJSON] = [:]
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            let key = try string()
            guard take(UInt8(ascii: ":")) else { throw malformed() }
            members[key] = try value()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed() }
        return .object(members)
    }

    private mutating func array() throws(Failure) -> DeltaJSON {
        position += 1
        var elements: [DeltaJSON] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed() }
        return .array(elements)
    }

    private mutating func number() throws(Failure) -> DeltaJSON {
        let start = position
        while position < bytes.count, "+-.eE0123456789".utf8.contains(bytes[position]) { position += 1 }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Double(digits) != nil else { throw malformed() }
        return .number(digits)
    }

    private mutating func string() throws(Failure) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw malformed() }
        position += 1
        var result: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result += try escape()
            default: result.append(byte)
            }
        }
        throw malformed()
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        guard position < bytes.count else { throw malformed() }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"):
            var units = [try hex()]
            if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                units.append(try hex())
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw malformed()
        }
    }

    private mutating func hex() throws(Failure) -> UInt16 {
        guard position + 4 <= bytes.count else { throw malformed() }
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard let unit = UInt16(digits, radix: 16) else { throw malformed() }
        position += 4
        return unit
    }
}
