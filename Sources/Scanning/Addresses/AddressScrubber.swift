/// Replaces mail addresses in JSON, and in any other text, by what stands for them.
///
/// Every address that it meets is looked up; of erased people it knows no addresses, only their keyed hashes. An address
/// is found whatever its case, in the ways in which mail systems spell it: bare, `Name <address>` (the name goes too),
/// inside of a longer text or a link, with `@` or other characters as `%40`, `%2540`, `\u0040` or `=40`, in JSON that is a
/// string of JSON, and in Base64 that stands as a string of its own, as in Firehose's records. It is found where it is the
/// whole address: `ann@example.com` is neither in `joann@example.com` nor in `ann@example.com.au`.
public struct AddressScrubber: Sendable {
    /// The domain of every replacement that ``erased(_:)`` makes; RFC 2606 keeps it from ever being anybody's.
    public static let erasedDomain = "erased.invalid"

    private let isIdle: Bool
    private let literals: [[UInt8]: [UInt8]]
    private let replacement: @Sendable ([UInt8]) -> [UInt8]?

    /// A scrubber of the addresses whose ``identity(of:under:)`` is a key of `replacements`.
    public init(_ hash: SipHash, _ replacements: [UInt128: String]) {
        let replacements = replacements.mapValues { Array($0.utf8) }
        (isIdle, literals) = (replacements.isEmpty, [:])
        replacement = { replacements[hash.digest($0)] }
    }

    /// A scrubber of the addresses, in lower case, that `replacement` knows, and of texts that are replaced as they stand.
    init(literals: [[UInt8]: [UInt8]], _ replacement: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
        (isIdle, self.literals, self.replacement) = (false, literals, replacement)
    }

    /// The keyed hash by which an address in lower case is known.
    public static func identity(of address: String, under hash: SipHash) -> UInt128 {
        hash.digest(Array(address.utf8))
    }

    /// What stands in the place of an erased address: the same for the same address and key.
    public static func token(of address: String, under hash: SipHash) -> String {
        "erased-\(SipHash.hex(hash.digest(Array("token \(address)".utf8))).prefix(8))@\(erasedDomain)"
    }

    /// The bytes with every known address replaced; nil where there is none.
    public func scrub(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        isIdle ? nil : scrub(bytes, depth: 0)
    }

    /// The text with every known address replaced; nil where there is none.
    public func scrub(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes { scrub($0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Steps

    /// Base64 in Base64 is looked into so many times.
    private static let deepest = 4

    private func scrub(_ bytes: UnsafeRawBufferPointer, depth: Int) -> [UInt8]? {
        var clean: [UInt8]?
        func apply(_ step: (UnsafeRawBufferPointer) -> [UInt8]?) {
            clean = (clean.map { $0.withUnsafeBytes { step($0) } } ?? step(bytes)) ?? clean
        }
        apply { scrubPlain($0) }
        for (literal, replacement) in literals {
            apply { Literal(literal).replaced(by: replacement, in: $0) }
        }
        apply { scrubEncoded($0, depth: depth) }
        return clean
    }

    private func scrubPlain(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var output: [UInt8] = []
        var copied = 0
        var position = 0
        var candidate = AddressCandidate()
        while let sign = AtSign(in: bytes, from: position) {
            position = sign.range.upperBound
            guard candidate.read(bytes, around: sign.range, notBefore: copied) else { continue }
            guard let (start, replacement) = match(candidate) else { continue }
            let found = candidate.withName(bytes, from: start, notBefore: copied)
            output += bytes[copied..<found.lowerBound]
            append(replacement, with: bytes[sign.range], to: &output)
            (copied, position) = (found.upperBound, found.upperBound)
        }
        guard copied > 0 else { return nil }
        return output + bytes[copied...]
    }

    /// The longest reading of a candidate that is a known address.
    private func match(_ candidate: AddressCandidate) -> (start: Int, replacement: [UInt8])? {
        for (start, count) in candidate.starts.reversed() {
            if let replacement = replacement(candidate.address(localCount: count)) {
                return (start, replacement)
            }
        }
        return nil
    }

    /// Writes a replacement with the `@` spelt as it stood there.
    private func append(
        _ replacement: [UInt8], with sign: Slice<UnsafeRawBufferPointer>, to output: inout [UInt8]
    ) {
        for byte in replacement {
            if byte == UInt8(ascii: "@") { output += sign } else { output.append(byte) }
        }
    }

    /// Looks into strings that are Base64 from quote to quote.
    private func scrubEncoded(_ bytes: UnsafeRawBufferPointer, depth: Int) -> [UInt8]? {
        guard depth < Self.deepest else { return nil }
        var output: [UInt8] = []
        var copied = 0
        var position = 0
        while let text = Base64Run(in: bytes, from: position) {
            position = text.range.upperBound
            guard let decoded = Base64.decode(UnsafeRawBufferPointer(rebasing: bytes[text.range])),
                let clean = decoded.withUnsafeBytes({ scrub($0, depth: depth + 1) })
            else { continue }
            output += bytes[copied..<text.range.lowerBound]
            output += Base64.encode(clean).utf8
            copied = text.range.upperBound
        }
        guard copied > 0 else { return nil }
        return output + bytes[copied...]
    }
}

/// An `@`, or what stands for one.
struct AtSign {
    let range: Range<Int>

    /// The next one from a place on.
    init?(in bytes: UnsafeRawBufferPointer, from start: Int) {
        var place = start
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "@") {
                range = place..<place + 1
                return
            }
            // Every other spelling ends with the code in hexadecimal digits.
            if byte == UInt8(ascii: "4"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "0"),
                let first = AtSign.escape(bytes, endingAt: place, notBefore: start)
            {
                range = first..<place + 2
                return
            }
            place += 1
        }
        return nil
    }

    /// Where the escape begins that has its digits at a place: `%40`, `%2540`, `=40`, `\u0040`.
    private static func escape(_ bytes: UnsafeRawBufferPointer, endingAt digits: Int, notBefore limit: Int)
        -> Int?
    {
        var place = digits
        if place > limit, bytes[place - 1] == UInt8(ascii: "=") { return place - 1 }
        while place - 2 >= limit, bytes[place - 1] == UInt8(ascii: "5"), bytes[place - 2] == UInt8(ascii: "2")
        {
            place -= 2
        }
        if place > limit, bytes[place - 1] == UInt8(ascii: "%") { return place - 1 }
        guard digits - 4 >= limit, bytes[digits - 1] == UInt8(ascii: "0"),
            bytes[digits - 2] == UInt8(ascii: "0"), bytes[digits - 3] == UInt8(ascii: "u"),
            bytes[digits - 4] == UInt8(ascii: "\\")
        else { return nil }
        place = digits - 4
        // A string of JSON in a string of JSON has its backslashes doubled.
        while place > limit, bytes[place - 1] == UInt8(ascii: "\\") { place -= 1 }
        return place
    }
}

/// A string that is Base64 from quote to quote, and long enough to hold an address in an event.
struct Base64Run {
    let range: Range<Int>

    private static let shortest = 40

    private static let isLetter: [Bool] = (0..<256).map { code in
        switch UInt8(code) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// The next one from a place on.
    init?(in bytes: UnsafeRawBufferPointer, from start: Int) {
        var quote = start
        while quote < bytes.count {
            guard bytes[quote] == UInt8(ascii: "\"") else {
                quote += 1
                continue
            }
            var end = quote + 1
            while end < bytes.count, Self.isLetter[Int(bytes[end])] { end += 1 }
            // What lies in a string of JSON ends with an escaped quote.
            if end - quote > Self.shortest, end < bytes.count,
                bytes[end] == UInt8(ascii: "\"") || bytes[end] == UInt8(ascii: "\\")
            {
                range = quote + 1..<end
                return
            }
            quote = max(end, quote + 1)
        }
        return nil
    }
}
