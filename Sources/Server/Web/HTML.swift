import HTTPTypes

/// Text of a page that is markup already. What is interpolated is escaped, unless it is markup itself.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var text: String

    init(stringLiteral value: String) { text = value }
    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }
    init(joining parts: some Sequence<HTML>) { text = parts.map(\.text).joined(separator: "\n") }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }
        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }
        mutating func appendInterpolation(_ markup: HTML) { text += markup.text }
        mutating func appendInterpolation(_ markup: HTML?) { text += markup?.text ?? "" }
    }

    /// The text with the five characters replaced that mean something in HTML, in text and in quoted attributes alike.
    static func escaped(_ text: String) -> String {
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

extension HTML {
    /// A whole page.
    static func page(_ title: String, width: PageWidth = .narrow, header: HTML? = nil, _ body: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title) · Sesame</title>
        <link rel="stylesheet" href="/assets/sesame.css">
        <link rel="icon" href="data:,">
        </head>
        <body>
        \(header)
        <main class="\(width.rawValue)">
        <h1>\(title)</h1>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    enum PageWidth: String { case narrow, wide }
}

extension ReceiverAnswer {
    /// A page. It takes nothing from elsewhere, shows itself in nobody's frame, and tells nobody its address, which may have a
    /// token in it.
    static func page(_ page: HTML, status: HTTPResponse.Status = .ok, outcome: String = "page")
        -> ReceiverAnswer
    {
        ReceiverAnswer(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .referrerPolicy: "no-referrer",
                .contentSecurityPolicy:
                    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ],
            body: Array(page.text.utf8), outcome: outcome)
    }

    /// A file that is part of the program. Browsers ask again each time, so that a new version looks as it should.
    static func asset(_ bytes: [UInt8], _ type: String) -> ReceiverAnswer {
        ReceiverAnswer(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-cache"], body: bytes,
            outcome: "asset")
    }

    /// Sends the browser on with a GET.
    static func seeOther(_ path: String, setting cookie: String? = nil) -> ReceiverAnswer {
        var headers: HTTPFields = [.location: path]
        if let cookie { headers[.setCookie] = cookie }
        return ReceiverAnswer(status: .seeOther, headers: headers, outcome: "redirect")
    }
}

extension HTTPField.Name {
    // A token by RFC 9110, so the initializer that checks cannot fail.
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
