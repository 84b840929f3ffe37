/// Where the token that begins a text ends, as DuckDB's lexer sees it.
///
/// A difference between the two could hide words from the check, so the odd forms are here too: comments nest, `E'…'`
/// escapes with a backslash, `$tag$…$tag$` quotes, and a carriage return ends a comment.
enum TokenEnd {
    /// Behind the first token of `text`, which is not empty.
    static func find(in text: Substring, after previous: String?) -> Substring.Index {
        let first = text[text.startIndex]
        if let quote = text.unicodeScalars.first, quote == "'" || quote == "\"" {
            return end(of: quote, text.unicodeScalars, escapes: quote == "'" && previous?.lowercased() == "e")
        }
        if text.hasPrefix("--") { return text.firstIndex(where: \.isNewline) ?? text.endIndex }
        if text.hasPrefix("/*") { return comment(text) }
        if first == "$", let end = dollarQuote(text) { return end }
        if first.isLetter || first == "_" {
            return text.firstIndex { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$") }
                ?? text.endIndex
        }
        if first.isWhitespace { return text.firstIndex { !$0.isWhitespace } ?? text.endIndex }
        return text.index(after: text.startIndex)
    }

    /// Behind the closing quote; a doubled quote is part of the text. By scalars: with a combining mark behind it a quote
    /// is another character to Swift, and the same quote to DuckDB.
    private static func end(
        of quote: Unicode.Scalar, _ text: Substring.UnicodeScalarView, escapes: Bool
    ) -> Substring.Index {
        var rest = text.dropFirst()
        while let next = rest.popFirst() {
            if escapes, next == "\\" {
                _ = rest.popFirst()
            } else if next == quote {
                guard rest.first == quote else { return rest.startIndex }
                rest.removeFirst()
            }
        }
        return text.endIndex
    }

    /// Behind the end of a comment and of those inside it.
    private static func comment(_ text: Substring) -> Substring.Index {
        var rest = text
        var depth = 0
        while !rest.isEmpty {
            if rest.hasPrefix("/*") {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("*/") {
                depth -= 1
                rest = rest.dropFirst(2)
                if depth == 0 { return rest.startIndex }
            } else {
                rest.removeFirst()
            }
        }
        return text.endIndex
    }

    /// Behind `$tag$…$tag$`; nil if the dollar opens none.
    private static func dollarQuote(_ text: Substring) -> Substring.Index? {
        let tag = text.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard tag.first?.isNumber != true, text[tag.endIndex...].first == "$" else { return nil }
        let mark = text[...tag.endIndex]
        return text[mark.endIndex...].firstRange(of: mark)?.upperBound ?? text.endIndex
    }
}
