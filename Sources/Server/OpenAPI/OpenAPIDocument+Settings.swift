extension OpenAPIDocument {
    private static let email: [OpenAPIOperation.Parameter] = [.path("email", "Their e-mail address.")]
    private static let values = ["not-json", "unknown-member", "bad-value", "bad-request"]

    static let settings: [OpenAPIOperation] = [
        OpenAPIOperation(
            "GET /api/v1/tokens", "The tokens, also those that work no more", tag: "settings", access: .admin),
        OpenAPIOperation(
            "POST /api/v1/tokens",
            "Make a token of name, scopes and expires_days; its secret in the answer is not to be had again",
            tag: "settings", access: .admin, body: .init("application/json", "Object"), status: 201,
            problems: values),
        OpenAPIOperation(
            "DELETE /api/v1/tokens/{id}", "Revoke a token for good", tag: "settings", access: .admin,
            parameters: [.path("id", "Its number.")], problems: ["not-found"]),
        OpenAPIOperation(
            "GET /api/v1/users", "The people who sign in; for owners", tag: "settings", access: .session),
        OpenAPIOperation(
            "POST /api/v1/users",
            "Add somebody of email, name, role and password; a password that was not given is made and in the answer; for owners",
            tag: "settings", access: .session, body: .init("application/json", "Object"), status: 201,
            problems: values + ["people-only"]),
        OpenAPIOperation(
            "PATCH /api/v1/users/{email}",
            "Change role, disabled or password; for owners", tag: "settings", access: .session,
            parameters: email, body: .init("application/json", "Object"),
            problems: values + ["not-found", "forbidden", "people-only"]),
        OpenAPIOperation(
            "POST /api/v1/users/{email}/sign-out", "End all sessions of a person; for owners, and one's own",
            tag: "settings", access: .session, parameters: email, problems: ["not-found", "people-only"]),
        OpenAPIOperation(
            "DELETE /api/v1/users/{email}", "Remove somebody; for owners", tag: "settings", access: .session,
            parameters: email, problems: ["not-found", "forbidden", "people-only"]),
        OpenAPIOperation(
            "POST /api/v1/account/password",
            "Change one's own password, of current and new; all sessions end but this one, whose cookie and proof are new",
            tag: "settings", access: .session, body: .init("application/json", "Object"),
            problems: values + ["wrong-password", "too-many-failures", "people-only"]),
        OpenAPIOperation(
            "GET /api/v1/shares", "The share links, also those that work no more", tag: "settings",
            access: .admin),
        OpenAPIOperation(
            "POST /api/v1/shares",
            "Share a page: path and query of its address, bounds as of a query, expires_days; the link in the answer is not to be had again",
            tag: "settings", access: .admin, body: .init("application/json", "Object"), status: 201,
            problems: values + ["unknown-dimension", "bad-date-range"]),
        OpenAPIOperation(
            "DELETE /api/v1/shares/{id}", "End a share for good", tag: "settings", access: .admin,
            parameters: [.path("id", "Its number.")], problems: ["not-found"]),
        OpenAPIOperation(
            "GET /api/v1/audit", "Who did what, the newest first", tag: "settings", access: .admin,
            parameters: [
                .query(
                    "limit", "The most entries, 1 to 1000; 100 where nothing is said.", ["type": "integer"]),
                .query("before", "next of the page before.", ["type": "integer"]),
            ], problems: ["bad-request"]),
    ]
}
