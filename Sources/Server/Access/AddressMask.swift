import ControlPlane

/// Hides mail addresses from those who may see numbers and not people: `ann@example.com` becomes `a***@example.com`.
///
/// It works on the bytes of an answer, for addresses stand in replies, links and headers as well as in columns of their own. What looks
/// like an address is one. See `docs/decisions/0019-addresses-and-viewers.md`.
enum AddressMask {
    /// The text with all addresses hidden; valid JSON stays valid.
    static func mask(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "@")) || bytes.contains(UInt8(ascii: "%")) else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 64)
        var index = 0
        while index < bytes.count {
            if let sign = signLength(bytes, at: index) {
                hideEnd(of: &output)
                output += bytes[index..<index + sign]
                index += sign
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return output
    }

    /// The length of an at sign, as it is or as links have it (`%40`), before something that can be a domain.
    private static func signLength(_ bytes: [UInt8], at index: Int) -> Int? {
        let length: Int
        if bytes[index] == UInt8(ascii: "@") {
            length = 1
        } else if bytes[index...].starts(with: "%40".utf8) {
            length = 3
        } else {
            return nil
        }
        guard index > 0, index + length < bytes.count else { return nil }
        let next = bytes[index + length]
        return isAlphanumeric(next) || next >= 0x80 || next == UInt8(ascii: "[") ? length : nil
    }

    /// Puts `x***` in the place of the local part at the end of a text.
    private static func hideEnd(of output: inout [UInt8]) {
        var start = output.count
        if output.last == UInt8(ascii: "\""), let quote = openingQuote(output) {
            start = quote
        } else {
            while start > 0, isLocal(output[start - 1]) { start -= 1 }
            start = behindEscape(output, start)
        }
        guard start < output.count else { return }
        let first = output[start]
        output.removeSubrange(start...)
        if isLocal(first), first < 0x80 { output.append(first) }
        output += "***".utf8
    }

    /// Where a local part in quotes begins, as JSON has it: `\"ann smith\"@…`; nil where the text begins before.
    private static func openingQuote(_ output: [UInt8]) -> Int? {
        guard isEscaped(output, output.count - 1) else { return nil }
        var index = output.count - 2
        while index > 0, output.count - index < 80 {
            if output[index] == UInt8(ascii: "\"") { return isEscaped(output, index) ? index - 1 : nil }
            index -= 1
        }
        return nil
    }

    /// The first place that is not a part of an escape of JSON such as `\n` or `\u003c`.
    private static func behindEscape(_ output: [UInt8], _ start: Int) -> Int {
        guard start < output.count, isEscaped(output, start) else { return start }
        return min(output.count, start + (output[start] == UInt8(ascii: "u") ? 5 : 1))
    }

    /// Whether a backslash that is none itself stands before a place.
    private static func isEscaped(_ output: [UInt8], _ place: Int) -> Bool {
        var count = 0
        while place - count > 0, output[place - count - 1] == UInt8(ascii: "\\") { count += 1 }
        return !count.isMultiple(of: 2)
    }

    /// Without the signs that separate in links (`?email=ann%40…`): where one is in an address, what stands before it is seen.
    private static func isLocal(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte >= 0x80 || "!#$%'*+-^_`{|}~.".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension Caller {
    /// Whether addresses are hidden from them.
    var seesNoAddresses: Bool {
        switch self {
        case .user(let user): user.role == .viewer
        case .guest: true
        case .token: false
        }
    }
}
