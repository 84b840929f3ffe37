/// What the OpenAPI document says of one route.
struct OpenAPIOperation {
    /// The route's name: method and path.
    let route: String
    let summary: String
    let tag: String
    /// Who may call it; nil for everybody.
    var access: Access?
    var parameters: [Parameter] = []
    /// The types of its body, and the schema.
    var body: Content?
    /// The answer when all is well.
    var status = 200
    var answer: [Content] = [Content("application/json", "Object")]
    /// Codes of problems that it answers besides those that every route may.
    var problems: [String] = []

    /// Who may call a route.
    enum Access: String {
        /// A token with the scope.
        case ingest, read, admin
        /// What its kind of source wants: a signature, an access key or a token.
        case source
        /// Somebody who is signed in on the page.
        case session
    }

    struct Parameter {
        let name: String
        let place: String
        let meaning: String
        var schema: JSONValue = ["type": "string"]

        static func path(_ name: String, _ meaning: String) -> Parameter {
            Parameter(name: name, place: "path", meaning: meaning)
        }

        static func query(_ name: String, _ meaning: String, _ schema: JSONValue = ["type": "string"])
            -> Parameter
        {
            Parameter(name: name, place: "query", meaning: meaning, schema: schema)
        }
    }

    struct Content {
        let type: String
        let schema: String

        init(_ type: String, _ schema: String) { (self.type, self.schema) = (type, schema) }
    }

    init(
        _ route: String, _ summary: String, tag: String, access: Access? = nil, parameters: [Parameter] = [],
        body: Content? = nil, status: Int = 200, answer: [Content] = [Content("application/json", "Object")],
        problems: [String] = []
    ) {
        (self.route, self.summary, self.tag, self.access) = (route, summary, tag, access)
        (self.parameters, self.body, self.status, self.answer, self.problems) = (
            parameters, body, status, answer, problems
        )
    }
}

extension OpenAPIOperation {
    /// The operation as a member of its path.
    var json: (method: String, path: String, operation: JSONValue) {
        let parts = route.split(separator: " ", maxSplits: 1).map(String.init)
        var members: [(String, JSONValue)] = [
            ("operationId", .text(identifier)), ("summary", .text(summary)), ("tags", [.text(tag)]),
        ]
        members.append(
            (
                "security",
                access.map { [.object([($0.scheme, .list([]))])] } ?? .list([])
            ))
        if let access, access.scheme == "token" { members.append(("x-scope", .text(access.rawValue))) }
        if !parameters.isEmpty { members.append(("parameters", .list(parameters.map(\.json)))) }
        if let body {
            members.append(("requestBody", ["required": true, "content": .object([body.json])]))
        }
        let good: JSONValue = [
            "description": .text([201: "Created", 202: "Accepted"][status] ?? "OK"),
            "content": .object(answer.map(\.json)),
        ]
        members.append(("responses", .object([(String(status), good)] + failures)))
        return (parts[0].lowercased(), parts[1], .object(members))
    }

    private var identifier: String {
        route.split { !$0.isLetter }.map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined()
    }

    private var failures: [(String, JSONValue)] {
        let codes = problems.isEmpty ? "" : " Codes: " + problems.joined(separator: ", ") + "."
        let content: JSONValue = .object([
            OpenAPIOperation.Content("application/problem+json", "Problem").json
        ])
        return [("default", ["description": .text("What is wrong." + codes), "content": content])]
    }
}

extension OpenAPIOperation.Parameter {
    fileprivate var json: JSONValue {
        [
            "name": .text(name), "in": .text(place), "required": .flag(place == "path"),
            "description": .text(meaning), "schema": schema,
        ]
    }
}

extension OpenAPIOperation.Content {
    fileprivate var json: (String, JSONValue) {
        (type, ["schema": ["$ref": .text("#/components/schemas/\(schema)")]])
    }
}

extension OpenAPIOperation.Access {
    /// The security scheme.
    fileprivate var scheme: String {
        switch self {
        case .ingest, .read, .admin: "token"
        case .source: "source"
        case .session: "session"
        }
    }
}
