/// The name before an address, as in `Ann Example <ann@example.com>`, which says who it is as much as the address.
extension AddressCandidate {
    /// No name is longer.
    private static let longestName = 200

    /// The bytes to replace: the address, and where it stands in angle brackets as a whole `Name <address>`, all of that.
    func withName(_ bytes: UnsafeRawBufferPointer, from start: Int, notBefore limit: Int) -> Range<Int> {
        let address = start..<end
        guard let open = TextUnit(bytes, before: start, notBefore: limit),
            open.isByte(UInt8(ascii: "<")),
            let close = TextUnit(bytes, at: end), close.isByte(UInt8(ascii: ">")),
            endsList(bytes, end + close.length)
        else { return address }
        var place = start - open.length
        while place > limit, bytes[place - 1] == UInt8(ascii: " ") { place -= 1 }
        let name =
            place > limit && bytes[place - 1] == UInt8(ascii: "\"")
            ? quotedStart(bytes, place - 1, limit) ?? plainStart(bytes, place, limit)
            : plainStart(bytes, place, limit)
        return name.map { $0..<end + close.length } ?? address
    }

    /// Whether a list of addresses, or the text, goes on or ends here.
    private func endsList(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        var place = start
        while place < bytes.count, bytes[place] == UInt8(ascii: " ") || bytes[place] == UInt8(ascii: "\\") {
            place += 1
        }
        return place == bytes.count || bytes[place] == UInt8(ascii: ",") || bytes[place] == UInt8(ascii: "\"")
    }

    /// Where a name in quotes begins whose last quote stands at a place: at the quote with as many backslashes.
    private func quotedStart(_ bytes: UnsafeRawBufferPointer, _ quote: Int, _ limit: Int) -> Int? {
        let depth = backslashes(bytes, before: quote, limit)
        // Without a backslash it is JSON's own quote, behind which a text begins.
        guard depth > 0 else { return nil }
        var place = quote - depth - 1
        while place >= limit, quote - place < Self.longestName {
            if bytes[place] == UInt8(ascii: "\"") {
                let found = backslashes(bytes, before: place, limit)
                if found == depth { return place - depth }
                if found < depth { return nil }
            }
            place -= 1
        }
        return nil
    }

    /// Where a name without quotes begins: behind a comma or the text's first quote. Nil where it reads as a sentence.
    private func plainStart(_ bytes: UnsafeRawBufferPointer, _ nameEnd: Int, _ limit: Int) -> Int? {
        var place = nameEnd
        while place > limit {
            let byte = bytes[place - 1]
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") { break }
            if byte < 0x20 || ";:()[]@<>\\".utf8.contains(byte) || nameEnd - place > Self.longestName {
                return nil
            }
            place -= 1
        }
        while place < nameEnd, bytes[place] == UInt8(ascii: " ") { place += 1 }
        // A reply of a mail server begins with its code.
        if place < nameEnd, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { return nil }
        return place
    }

    private func backslashes(_ bytes: UnsafeRawBufferPointer, before place: Int, _ limit: Int) -> Int {
        var first = place
        while first > limit, bytes[first - 1] == UInt8(ascii: "\\") { first -= 1 }
        return place - first
    }
}
