import ControlPlane
import HTTPTypes
import Primitives

/// What somebody who is signed in does about themselves, whatever their role.
///
///     POST /api/v1/account/password   {"current":"…","new":"…"}   200, a new cookie and {"csrf_token":"…"}
///
/// All sessions of theirs end. This one goes on under another cookie, so the page needs the proof that goes with it.
struct AccountRoutes: Sendable {
    let access: Access

    private struct Change: Decodable {
        var current: String
        var new: String
    }

    /// The routes.
    func routes(bodyLimit: Int) -> [Route] {
        [Route(.post, "/api/v1/account/password", bodyLimit: bodyLimit, handler: changePassword)]
    }

    private func changePassword(_ request: IncomingRequest) async throws -> ReceiverAnswer {
        let user = try await access.person(of: request, role: .viewer)
        let change = try await request.decoded(
            Change.self, members: ["current", "new"], hint: #"send {"current":"…","new":"…"}"#)
        let begun: (secret: Secret, session: WebSession)
        do {
            // Whoever sits down at somebody's browser guesses no faster than at the door.
            begun = try await access.gate.guarding(request.client.address) {
                try await access.control.changePassword(of: user, from: change.current, to: change.new)
            }
        } catch let problem as HTTPProblem where problem.status == .unauthorized {
            // Their session is good: this is no reason to be led to the door.
            throw HTTPProblem(.forbidden, "wrong-password", problem.detail)
        }
        var answer = ReceiverAnswer.json(.ok, ["csrf_token": .text(begun.session.csrfToken)])
        answer.headers[.setCookie] = SessionCookie.text(
            begun.secret.text, isSecure: request.client.isSecure)
        return answer
    }
}
