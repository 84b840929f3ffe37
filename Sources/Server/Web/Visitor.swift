import ControlPlane
import HTTPTypes
import Primitives

/// Who looks at a page: the session of the request's cookie.
struct Visitor: Sendable {
    let session: WebSession
    /// The cookie's secret.
    let cookie: String

    var user: User { session.user }
}

/// The cookie that holds a session's secret.
enum SessionCookie {
    /// Over TLS the name makes browsers insist on `Secure`, `Path=/` and this host alone.
    static func name(isSecure: Bool) -> String { isSecure ? "__Host-sesame" : "sesame" }

    /// `Lax`, so that a link in a mail leads to a page and not to the door; what changes something asks for more than a cookie.
    static func text(_ secret: String, isSecure: Bool) -> String {
        "\(name(isSecure: isSecure))=\(secret); Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }

    /// What makes the browser forget it.
    static func removal(isSecure: Bool) -> String {
        "\(name(isSecure: isSecure))=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }

    /// The secret that a request brings.
    static func secret(of headers: HTTPFields, isSecure: Bool) -> String? {
        value(name(isSecure: isSecure), of: headers)
    }

    /// The value of a cookie.
    static func value(_ name: String, of headers: HTTPFields) -> String? {
        let prefix = name + "="
        for header in headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                if pair.hasPrefix(prefix) { return String(pair.dropFirst(prefix.count)) }
            }
        }
        return nil
    }
}

extension Access {
    /// The visitor of a request; nil where nobody is signed in.
    func visitor(of request: IncomingRequest) async throws -> Visitor? {
        guard let cookie = SessionCookie.secret(of: request.headers, isSecure: request.client.isSecure),
            let session = try await control.session(cookie)
        else { return nil }
        return Visitor(session: session, cookie: cookie)
    }

    /// Refuses a form that another site's page sent. Browsers say where a request comes from, and no page can change that.
    static func checkSameSite(_ request: IncomingRequest) throws(HTTPProblem) {
        let origin = request.headers[.origin].map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let site = request.headers[.secFetchSite]
        let isOwn =
            site.map { $0 == "same-origin" || $0 == "none" }
            ?? origin.map { $0.lowercased() == request.authority.lowercased() } ?? true
        guard isOwn else {
            throw HTTPProblem(.forbidden, "cross-site", "this form came from a page of another site")
        }
    }
}
