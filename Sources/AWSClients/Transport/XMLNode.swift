import Primitives

/// An element of an XML document: what S3 answers with. Attributes and comments are passed over.
///
/// Strict and small on purpose: no document types, so no entities but XML's own five and numbers, and at most 32 elements
/// in each other.
struct XMLNode: Equatable, Sendable {
    /// The element's name, without a namespace's prefix.
    var name: String
    /// Its text, that of elements in it left out.
    var text = ""
    /// The elements in it.
    var children: [XMLNode] = []

    /// The first element in it of that name.
    subscript(name: String) -> XMLNode? { children.first { $0.name == name } }

    /// All elements in it of that name.
    func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

    /// Reads a document.
    ///
    /// - Throws: ``Failure`` of kind input.
    init(parsing bytes: [UInt8]) throws(Failure) {
        var reader = XMLReader(bytes)
        self = try reader.document()
    }

    init(name: String) { self.name = name }
}

private struct XMLReader {
    private let bytes: [UInt8]
    private var place = 0
    private static let deepest = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(Failure) -> XMLNode {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { place = 3 }
        try skipProlog()
        guard skip("<") else { throw broken("there is no element") }
        let root = try element(depth: 1)
        try skipProlog()
        guard place == bytes.count else { throw broken("something stands after the document") }
        return root
    }

    /// White space, comments and instructions.
    private mutating func skipProlog() throws(Failure) {
        while place < bytes.count {
            if isSpace(bytes[place]) {
                place += 1
            } else if skip("<?") {
                try skip(through: "?>")
            } else if skip("<!--") {
                try skip(through: "-->")
            } else {
                return
            }
        }
    }

    /// An element behind its `<`.
    private mutating func element(depth: Int) throws(Failure) -> XMLNode {
        guard depth <= Self.deepest else { throw broken("elements lie too deep in each other") }
        var node = XMLNode(name: try name())
        if try skipAttributes() { return node }
        var text: [UInt8] = []
        while true {
            guard place < bytes.count else { throw broken("it ends within <\(node.name)>") }
            if skip("</") {
                guard try name() == node.name else { throw broken("<\(node.name)> is not closed") }
                skipSpace()
                guard skip(">") else { throw broken("<\(node.name)> is not closed") }
                node.text = String(decoding: text, as: UTF8.self)
                return node
            }
            if skip("<!--") {
                try skip(through: "-->")
            } else if skip("<![CDATA[") {
                let start = place
                try skip(through: "]]>")
                text += bytes[start..<place - 3]
            } else if skip("<?") {
                try skip(through: "?>")
            } else if skip("<") {
                node.children.append(try element(depth: depth + 1))
            } else if skip("&") {
                try reference(into: &text)
            } else {
                text.append(bytes[place])
                place += 1
            }
        }
    }

    /// True if the element ends with its tag.
    private mutating func skipAttributes() throws(Failure) -> Bool {
        while place < bytes.count {
            if skip("/>") { return true }
            if skip(">") { return false }
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                guard let end = bytes[place...].firstIndex(of: byte) else { break }
                place = end + 1
            }
        }
        throw broken("a tag is cut off")
    }

    private mutating func name() throws(Failure) -> String {
        let start = place
        while place < bytes.count, !isSpace(bytes[place]), !"/><=\"'&!".utf8.contains(bytes[place]) {
            place += 1
        }
        guard place > start else { throw broken("a name is missing") }
        let name = String(decoding: bytes[start..<place], as: UTF8.self)
        return name.split(separator: ":").last.map(String.init) ?? name
    }

    /// What stands behind `&`.
    private mutating func reference(into text: inout [UInt8]) throws(Failure) {
        guard let end = bytes[place...].prefix(10).firstIndex(of: UInt8(ascii: ";")) else {
            throw broken("a reference has no end")
        }
        let name = String(decoding: bytes[place..<end], as: UTF8.self)
        place = end + 1
        let known: [String: Unicode.Scalar] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        let number =
            name.hasPrefix("#x")
            ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
        guard let scalar = known[name] ?? number.flatMap(Unicode.Scalar.init) else {
            throw broken("the reference &\(name); is not known")
        }
        text += Array(String(Character(scalar)).utf8)
    }

    private mutating func skip(_ token: StaticString) -> Bool {
        let count = token.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        for offset in 0..<count where bytes[place + offset] != token.utf8Start[offset] { return false }
        place += count
        return true
    }

    private mutating func skip(through token: StaticString) throws(Failure) {
        while place < bytes.count {
            if skip(token) { return }
            place += 1
        }
        throw broken("\(token) is missing")
    }

    private mutating func skipSpace() { while place < bytes.count, isSpace(bytes[place]) { place += 1 } }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private func broken(_ what: String) -> Failure {
        Failure(.input, "the answer is no XML that can be read: at byte \(place), \(what)")
    }
}
