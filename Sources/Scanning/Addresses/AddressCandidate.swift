/// What may be an address around an `@`: its bytes, decoded and in lower case, and the places where it may begin.
///
/// Where an address ends on the left cannot be told from the text alone: `to=ann@…` and `o'ann@…` look alike. So all
/// readings are kept, shortest first, and whoever knows the addresses tells which one it is.
struct AddressCandidate {
    /// Where the address may begin, and how many bytes its local part has then.
    private(set) var starts: [(start: Int, localCount: Int)] = []
    /// Where it ends.
    private(set) var end = 0
    /// The local part backwards, as far as it may reach.
    private var local: [UInt8] = []
    private var domain: [UInt8] = []

    /// RFC 5321 allows 64; some more are read, for what stands before it.
    private static let longestLocal = 128

    /// The address, in lower case, if its local part has so many bytes.
    func address(localCount: Int) -> [UInt8] {
        Array(local[..<localCount].reversed()) + [UInt8(ascii: "@")] + domain
    }

    /// Reads what stands around an `@`; false where no address can be there.
    mutating func read(_ bytes: UnsafeRawBufferPointer, around sign: Range<Int>, notBefore limit: Int) -> Bool
    {
        domain.removeAll(keepingCapacity: true)
        local.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        readDomain(bytes, from: sign.upperBound)
        guard !domain.isEmpty else { return false }
        readLocal(bytes, before: sign.lowerBound, notBefore: limit)
        return !starts.isEmpty
    }

    private mutating func readDomain(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        var place = start
        end = start
        var kept = 0
        while let unit = TextUnit(bytes, at: place), unit.isOfDomain, domain.count < 256 {
            unit.append(to: &domain)
            place += unit.length
            // A point or a hyphen at the end belongs to the text around.
            if !unit.isPointOrHyphen { (end, kept) = (place, domain.count) }
        }
        domain.removeLast(domain.count - kept)
        dropFileEnding()
    }

    /// Takes `.json` and the like off, for files are named after addresses; no domain ends like that.
    private mutating func dropFileEnding() {
        while let point = domain.lastIndex(of: UInt8(ascii: ".")),
            Self.fileEndings.contains(where: { $0.utf8.elementsEqual(domain[(point + 1)...]) })
        {
            end -= domain.count - point
            domain.removeLast(domain.count - point)
        }
    }

    private static let fileEndings = [
        "json", "ndjson", "jsonl", "csv", "tsv", "txt", "log", "gz", "zst", "parquet", "eml", "xml",
    ]

    private mutating func readLocal(_ bytes: UnsafeRawBufferPointer, before sign: Int, notBefore limit: Int) {
        var place = sign
        while place > limit, local.count < Self.longestLocal {
            guard let unit = TextUnit(bytes, before: place, notBefore: limit), unit.mayBeLocal else { break }
            // An escape, or a mark that separates as often as it belongs to a name: it may begin behind.
            if !unit.isPlain || unit.mayEndEscape(bytes, at: place, notBefore: limit) { note(place) }
            unit.appendReversed(to: &local)
            place -= unit.length
        }
        note(place)
    }

    private mutating func note(_ place: Int) {
        guard !local.isEmpty, starts.last?.localCount != local.count else { return }
        starts.append((place, local.count))
    }
}

/// One character of a text, or what stands for it.
struct TextUnit {
    /// The first byte of what it stands for, in lower case if it is of ASCII.
    private let first: UInt8
    /// The other bytes; nearly never any, and no memory then.
    private let rest: [UInt8]
    /// How many bytes it takes up.
    let length: Int
    /// Whether it stands for itself.
    let isItself: Bool

    private init(_ byte: UInt8, rest: [UInt8] = [], length: Int = 1, isItself: Bool = true) {
        first = (65...90).contains(byte) ? byte + 32 : byte
        (self.rest, self.length, self.isItself) = (rest, length, isItself)
    }

    /// Appends what it stands for.
    func append(to text: inout [UInt8]) {
        text.append(first)
        if !rest.isEmpty { text += rest }
    }

    /// Appends what it stands for to a text that is written backwards.
    func appendReversed(to text: inout [UInt8]) {
        if !rest.isEmpty { text += rest.reversed() }
        text.append(first)
    }

    /// Whether it stands for one byte, and that is it.
    func isByte(_ byte: UInt8) -> Bool { rest.isEmpty && first == byte }

    private func allSatisfy(_ predicate: (UInt8) -> Bool) -> Bool {
        predicate(first) && (rest.isEmpty || rest.allSatisfy(predicate))
    }

    /// The one that begins at a place.
    init?(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        guard place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: "%"), let code = Hex.value(bytes, place + 1, 2) {
            self.init(UInt8(code), length: 3, isItself: false)
        } else if bytes[place] == UInt8(ascii: "\\") {
            var mark = place
            while mark < bytes.count, bytes[mark] == UInt8(ascii: "\\") { mark += 1 }
            guard mark < bytes.count, bytes[mark] == UInt8(ascii: "u"),
                let code = Hex.value(bytes, mark + 1, 4),
                let text = TextUnit.text(code)
            else { return nil }
            self.init(
                text[0], rest: Array(text.dropFirst()), length: mark + 5 - place, isItself: false)
        } else {
            self.init(bytes[place])
        }
    }

    /// The one that ends before a place.
    init?(_ bytes: UnsafeRawBufferPointer, before place: Int, notBefore limit: Int) {
        guard place > limit else { return nil }
        if place - 3 >= limit, bytes[place - 3] == UInt8(ascii: "%"),
            let code = Hex.value(bytes, place - 2, 2)
        {
            self.init(UInt8(code), length: 3, isItself: false)
        } else if place - 6 >= limit, bytes[place - 5] == UInt8(ascii: "u"),
            bytes[place - 6] == UInt8(ascii: "\\"),
            let code = Hex.value(bytes, place - 4, 4), let text = TextUnit.text(code)
        {
            var start = place - 6
            while start > limit, bytes[start - 1] == UInt8(ascii: "\\") { start -= 1 }
            self.init(text[0], rest: Array(text.dropFirst()), length: place - start, isItself: false)
        } else {
            self.init(bytes[place - 1])
        }
    }

    var isOfDomain: Bool { allSatisfy { Ascii.isDomain($0) } }

    var isPointOrHyphen: Bool { isByte(UInt8(ascii: ".")) || isByte(UInt8(ascii: "-")) }

    /// Whether a local part without quotes may have it.
    var mayBeLocal: Bool { allSatisfy { Ascii.isDomain($0) || Ascii.isMark($0) } }

    /// Whether it stands for itself and is no mark that separates as often.
    var isPlain: Bool {
        isItself && allSatisfy { Ascii.isDomain($0) || $0 == UInt8(ascii: "+") }
    }

    /// Whether the letter before a place may be the end of `\n` or of `=3C`, so that an address may begin behind it.
    func mayEndEscape(_ bytes: UnsafeRawBufferPointer, at place: Int, notBefore limit: Int) -> Bool {
        if place - 2 >= limit, bytes[place - 2] == UInt8(ascii: "\\") { return true }
        return place - 3 >= limit && bytes[place - 3] == UInt8(ascii: "=")
            && Hex.value(bytes, place - 2, 2) != nil
    }

    /// The bytes of a character; there is at least one.
    private static func text(_ code: UInt32) -> [UInt8]? {
        guard code >= 0x80 else { return [UInt8(code)] }
        // Half of a pair stands for nothing alone; it is kept apart from all others.
        guard let scalar = Unicode.Scalar(code) else {
            return [0xff, UInt8(code >> 8), UInt8(code & 255) | 0x80]
        }
        return Array(String(Character(scalar)).utf8)
    }
}

/// Hexadecimal digits.
private enum Hex {
    /// The number that `count` digits from a place on are.
    static func value(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt32? {
        guard start + count <= bytes.count else { return nil }
        var value: UInt32 = 0
        for place in start..<start + count {
            guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}

extension Ascii {
    /// Letters, digits, point, hyphen, underscore, and all that is not of ASCII.
    fileprivate static func isDomain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            0x80...:
            true
        default: false
        }
    }

    /// Marks of RFC 5322's atoms, and the colon of ``AddressScrubber``'s own hashes.
    fileprivate static func isMark(_ byte: UInt8) -> Bool { "!#$%&'*+/=?^`{|}~:".utf8.contains(byte) }
}
