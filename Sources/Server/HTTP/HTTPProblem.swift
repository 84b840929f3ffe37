import HTTPTypes

/// An error as its sender sees it, RFC 9457's `application/problem+json`:
///
///     {"type":"urn:sesame:problem:body-too-large","title":"Content Too Large","status":413,
///      "detail":"…what happened, on what","code":"body-too-large","hint":"…what to do","pointer":"/where/in/its/JSON","request_id":"…"}
///
/// `code` is for programs and never changes; `detail` and `hint` are for people and hold nothing of the server's inside.
struct HTTPProblem: Error {
    var status: HTTPResponse.Status
    var code: String
    var detail: String
    var hint: String?
    /// Where in the request's JSON, RFC 6901.
    var pointer: String?
    var headers: HTTPFields = [:]
    /// What only the log is told.
    var cause: String?

    init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, hint: String? = nil,
        retryAfterSeconds: Int? = nil
    ) {
        (self.status, self.code, self.detail, self.hint) = (status, code, detail, hint)
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
    }

    /// The answer; its outcome is the code.
    func answer(requestID: String) -> ReceiverAnswer {
        var members: [(String, JSONValue)] = [
            ("type", .text("urn:sesame:problem:\(code)")), ("title", .text(status.reasonPhrase)),
            ("status", .number(status.code)), ("detail", .text(detail)), ("code", .text(code)),
        ]
        if let hint { members.append(("hint", .text(hint))) }
        if let pointer { members.append(("pointer", .text(pointer))) }
        members.append(("request_id", .text(requestID)))
        var headers = headers
        headers[.contentType] = "application/problem+json"
        return ReceiverAnswer(
            status: status, headers: headers, body: JSONValue.object(members).bytes, outcome: code)
    }
}

extension HTTPProblem {
    static func notFound(_ path: String) -> HTTPProblem {
        HTTPProblem(.notFound, "not-found", "there is nothing at \(path.shortened)")
    }

    static func bodyTooLarge(limit: Int) -> HTTPProblem {
        HTTPProblem(
            .contentTooLarge, "body-too-large", "the body is larger than \(limit) bytes",
            hint: "send it in smaller parts")
    }

    static func decodedBodyTooLarge(limit: Int) -> HTTPProblem {
        HTTPProblem(
            .contentTooLarge, "decoded-body-too-large",
            "the body is larger than \(limit) bytes when decompressed", hint: "send it in smaller parts")
    }

    static let bodyIncomplete = HTTPProblem(
        .badRequest, "body-incomplete", "the body ends before it is whole, or its chunks are malformed")

    static let noMemory = HTTPProblem(
        .serviceUnavailable, "busy", "too many bodies are being received at the moment",
        hint: "send it again after the time in Retry-After", retryAfterSeconds: 1)

    static func unauthorized(_ detail: String) -> HTTPProblem {
        var problem = HTTPProblem(
            .unauthorized, "unauthorized", detail,
            hint: "send the header Authorization: Bearer with an API token or the source's token")
        problem.headers[.wwwAuthenticate] = "Bearer realm=\"sesame\""
        return problem
    }
}

extension String {
    /// The beginning, for text that a stranger chose.
    fileprivate var shortened: String { utf8.count <= 200 ? self : String(prefix(200)) + "…" }
}
