/// Text of a page that is markup already. What is interpolated is escaped, unless it is markup itself.
public struct HTML: ExpressibleByStringInterpolation, Sendable {
    /// The markup.
    public private(set) var text: String

    /// Markup as it stands.
    public init(stringLiteral value: String) { text = value }
    /// Markup with values in it.
    public init(stringInterpolation: Interpolation) { text = stringInterpolation.text }
    /// Pieces of markup, a line each.
    public init(joining parts: some Sequence<HTML>) { text = parts.map(\.text).joined(separator: "\n") }

    /// What puts values into markup.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        /// Room for markup.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }
        /// Adds markup.
        public mutating func appendLiteral(_ literal: String) { text += literal }
        /// Adds text, escaped.
        public mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }
        /// Adds markup.
        public mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
        /// Adds markup, if there is any.
        public mutating func appendInterpolation(_ markup: HTML?) { text += markup?.text ?? "" }
    }

    /// The text with the five characters replaced that mean something in HTML, in text and in quoted attributes alike.
    public static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
