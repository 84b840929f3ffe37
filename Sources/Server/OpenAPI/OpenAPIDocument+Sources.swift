extension OpenAPIDocument {
    private static let name: [OpenAPIOperation.Parameter] = [.path("name", "The source.")]

    static let sources: [OpenAPIOperation] = [
        OpenAPIOperation(
            "GET /api/v1/sources", "The sources, what came by each, and how it does", tag: "sources",
            access: .read),
        OpenAPIOperation(
            "POST /api/v1/sources", "Add a source; the secret in the answer is not to be had again",
            tag: "sources", access: .admin, body: .init("application/json", "SourceOrder"), status: 201,
            problems: ["not-json", "unknown-member", "bad-value", "bad-request"]),
        OpenAPIOperation(
            "DELETE /api/v1/sources/{name}", "Remove a source; the events that it brought stay",
            tag: "sources", access: .admin, parameters: name, problems: ["not-found"]),
        OpenAPIOperation(
            "POST /api/v1/sources/{name}/pause", "Stop a source from taking events", tag: "sources",
            access: .admin, parameters: name, problems: ["not-found"]),
        OpenAPIOperation(
            "POST /api/v1/sources/{name}/resume", "Let a paused source take events again", tag: "sources",
            access: .admin, parameters: name, problems: ["not-found"]),
        OpenAPIOperation(
            "POST /api/v1/sources/{name}/rotate",
            "Give a source a new secret; the old one stays good for grace_minutes, 60 where nothing is said",
            tag: "sources", access: .admin, parameters: name, body: .init("application/json", "Object"),
            problems: ["not-json", "unknown-member", "bad-value", "bad-request", "not-found"]),
        OpenAPIOperation(
            "POST /api/v1/sources/{name}/test",
            "Put the Send and the Delivery of a mail that never was where the source's events go",
            tag: "sources", access: .admin, parameters: name, status: 202,
            problems: ["not-found", "source-paused", "overloaded"]),
        OpenAPIOperation(
            "GET /api/v1/sources/{name}/setup",
            "What to set up in AWS: texts for the AWS CLI, CloudFormation and Terraform; none has a secret",
            tag: "sources", access: .admin,
            parameters: name + [.query("url", "The address under which AWS reaches Sesame.")],
            problems: ["not-found", "no-address", "bad-request"]),
    ]

    static let sourceOrder: JSONValue = [
        "type": "object", "required": ["name", "kind"], "additionalProperties": false,
        "description": "The options are those of sesame source add; each kind takes its own.",
        "properties": [
            "name": ["type": "string", "description": "a to z, 0 to 9, - and _."],
            "kind": ["enum": ["sns", "firehose", "firehose-api", "eventbridge", "http", "s3", "sqs"]],
            "topic_arns": ["type": "array", "items": ["type": "string"]],
            "accept_signature_v1": ["type": "boolean"], "raw": ["type": "boolean"],
            "authentication": ["enum": ["api-key", "basic"]], "bucket": ["type": "string"],
            "prefix": ["type": "string"], "endpoint": ["type": "string"], "queue_url": ["type": "string"],
            "every": ["type": "integer"], "region": ["type": "string"], "access_key_id": ["type": "string"],
            "secret_access_key": ["type": "string"],
        ],
    ]
}
