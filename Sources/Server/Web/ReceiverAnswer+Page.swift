import Dashboard
import HTTPTypes

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
