import Primitives

/// Reads values as people write them. Errors complete a sentence that begins with the setting's name.
enum SettingText {
    static func host(_ text: String) throws(Failure) -> String {
        guard !text.isEmpty, !text.contains(where: { $0.isWhitespace || $0 == "/" }) else {
            throw Failure(.usage, "must be an address or a name, such as 127.0.0.1")
        }
        // As in a URL.
        return text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    }

    static func number(_ text: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw Failure(
                .usage, "must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    static func flag(_ text: String) throws(Failure) -> Bool {
        switch text.lowercased() {
        case "yes", "true", "1", "on": return true
        case "no", "false", "0", "off": return false
        default: throw Failure(.usage, "must be yes or no, not '\(text)'")
        }
    }

    /// Bytes: a number, or one with `KiB`, `MiB` or `GiB`.
    static func bytes(_ text: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
        let unit = units.first { text.lowercased().hasSuffix($0.0.lowercased()) }
        let digits = text.dropLast(unit?.0.count ?? 0).trimmingSuffixSpaces()
        guard let number = Int(digits), number >= 0, number <= 1 << 40,
            range.contains(number << (unit?.1 ?? 0))
        else {
            throw Failure(
                .usage,
                "must be \(range.lowerBound) to \(range.upperBound) bytes, as in 64MiB, not '\(text)'")
        }
        return number << (unit?.1 ?? 0)
    }

    /// Seconds: a number, with `s` or without.
    static func seconds(_ text: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let number = Int(text.hasSuffix("s") ? String(text.dropLast()) : text), range.contains(number)
        else {
            throw Failure(
                .usage,
                "must be \(range.lowerBound) to \(range.upperBound) seconds, as in 60s, not '\(text)'")
        }
        return number
    }

    static func blocks(_ text: String) throws(Failure) -> [AddressBlock] {
        var blocks: [AddressBlock] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let block = AddressBlock(String(part)) else {
                throw Failure(
                    .usage, "must be addresses or blocks with commas between, as in 10.0.0.0/8, not '\(part)'"
                )
            }
            blocks.append(block)
        }
        return blocks
    }

    static func choice<Value: RawRepresentable<String>>(_ text: String, of values: [Value]) throws(Failure)
        -> Value
    {
        guard let value = values.first(where: { $0.rawValue == text.lowercased() }) else {
            throw Failure(
                .usage,
                "must be one of \(values.map(\.rawValue).joined(separator: ", ")), not '\(text)'")
        }
        return value
    }
}

extension Substring {
    fileprivate func trimmingSuffixSpaces() -> Substring {
        var rest = self
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
