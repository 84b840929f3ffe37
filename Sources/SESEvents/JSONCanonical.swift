import Scanning

/// Writes JSON values with sorted keys and no white space, so that the order in which a sender wrote them never shows.
struct CanonicalJSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ value: JSONValue) {
        switch value.kind {
        case .null: append("null")
        case .bool: append(value.bool == true ? "true" : "false")
        case .integer: bytes.append(contentsOf: String(value.integer ?? 0).utf8)
        case .unsigned: bytes.append(contentsOf: String(value.unsigned).utf8)
        case .double: bytes.append(contentsOf: String(value.double).utf8)
        case .text: if let text = value.text { append(quoted: text) }
        case .array: appendArray(value)
        case .object: appendObject(value)
        }
    }

    private mutating func appendArray(_ value: JSONValue) {
        append("[")
        var isFirst = true
        value.forEachElement { element in
            if !isFirst { append(",") }
            isFirst = false
            append(element)
        }
        append("]")
    }

    private mutating func appendObject(_ value: JSONValue) {
        var members: [(TextSlice, JSONValue)] = []
        value.forEachMember { members.append(($0, $1)) }
        members.sort { $0.0.bytes.lexicographicallyPrecedes($1.0.bytes) }
        append("{")
        for (position, member) in members.enumerated() {
            if position > 0 { append(",") }
            append(quoted: member.0)
            append(":")
            append(member.1)
        }
        append("}")
    }

    mutating func append(quoted text: TextSlice) { JSONText.quote(text.bytes, into: &bytes) }
}

@inline(__always)
func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble + 48 : nibble + 87 }
