import Analytics
import ControlPlane
import Foundation
import HTTPTypes
import Primitives

/// Who looks at a shared page without being signed in: the share of the request's cookie.
struct Guest: Sendable {
    let share: Share
    /// The cookie's secret, which is the link's.
    let cookie: String

    /// What a request of the page's must carry, as with those who are signed in.
    var csrfToken: String { WebSession.csrfToken(of: cookie) }

    /// The cookie beside that of a session.
    static func cookieName(isSecure: Bool) -> String { isSecure ? "__Host-sesame-share" : "sesame-share" }

    /// `Lax` as the session's; it is gone when the browser is closed.
    static func cookieText(_ secret: String, isSecure: Bool) -> String {
        "\(cookieName(isSecure: isSecure))=\(secret); Path=/; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }
}

extension Access {
    /// The guest of a request; nil where its share works no more, is another workspace's, or there is none.
    func guest(of request: IncomingRequest) async throws -> Guest? {
        let name = Guest.cookieName(isSecure: request.client.isSecure)
        guard let cookie = SessionCookie.value(name, of: request.headers),
            let share = try await control.share(cookie), share.workspace == workspace
        else { return nil }
        return Guest(share: share, cookie: cookie)
    }
}

extension Caller {
    /// A query as far as its asker may ask it; guests stay within what was shared.
    func bounded(_ query: AnalyticsQuery, as format: ResultFormat) throws -> AnalyticsQuery {
        guard case .guest(let share) = self else { return query }
        // Addresses are hidden in the bytes of an answer, and those of Parquet are packed.
        guard format != .parquet else {
            throw HTTPProblem(.forbidden, "not-shared", "a shared page's numbers are given as JSON and CSV")
        }
        guard let bounds = try? JSONDecoder().decode(QueryBounds.self, from: Data(share.bounds.utf8)) else {
            throw HTTPProblem(.forbidden, "not-shared", "this share cannot be read; ask for another link")
        }
        do { return try bounds.applied(to: query) } catch {
            throw HTTPProblem(.forbidden, "not-shared", error.message)
        }
    }
}
