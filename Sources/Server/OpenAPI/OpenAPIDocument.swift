import HTTPTypes

/// `GET /api/v1/openapi.json`: what the API is, for programs, OpenAPI 3.1. It needs no token, since it is the same for everybody.
///
/// A test fails where a route is not in it, or where it has one that is not there.
enum OpenAPIDocument {
    /// All operations.
    static let operations =
        questions + statements + people + saved + sources + settings + upkeep + intake + state

    /// The document as an answer.
    static let answer = ReceiverAnswer.json(.ok, document)

    private static let document: JSONValue = [
        "openapi": "3.1.0",
        "info": [
            "title": "Sesame", "version": "1",
            "description":
                "Analytics of Amazon SES events. An error is a problem after RFC 9457: its code never changes, its hint says what to do.",
        ],
        "paths": .object(paths),
        "components": [
            "securitySchemes": [
                "token": [
                    "type": "http", "scheme": "bearer",
                    "description": "An API token: sesame token add NAME --scope read",
                ],
                "session": [
                    "type": "apiKey", "in": "cookie", "name": "sesame",
                    "description":
                        "A session of the page; a change needs its proof too, in the header X-CSRF-Token.",
                ],
                "source": [
                    "type": "http", "scheme": "bearer",
                    "description":
                        "What the source's kind wants: a token, SNS's or AWS's signature, or an access key.",
                ],
            ],
            "schemas": .object(schemas),
        ],
    ]

    private static var paths: [(String, JSONValue)] {
        var paths: [(String, [(String, JSONValue)])] = []
        for operation in operations {
            let (method, path, json) = operation.json
            if let index = paths.firstIndex(where: { $0.0 == path }) {
                paths[index].1.append((method, json))
            } else {
                paths.append((path, [(method, json)]))
            }
        }
        return paths.map { ($0.0, .object($0.1)) }
    }
}
