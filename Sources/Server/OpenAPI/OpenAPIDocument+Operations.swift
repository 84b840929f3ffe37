extension OpenAPIDocument {
    private static let integer: JSONValue = ["type": "integer", "minimum": 0]

    static let questions: [OpenAPIOperation] = [
        OpenAPIOperation(
            "POST /api/v1/query",
            "Metrics by dimensions, filtered, of a range of time, compared with another", tag: "numbers",
            access: .read,
            parameters: [.query("format", "In place of Accept.", ["enum": ["json", "csv", "parquet"]])],
            body: .init("application/json", "Query"),
            answer: [
                .init("application/json", "Answer"), .init("text/csv", "Text"),
                .init("application/vnd.apache.parquet", "Text"),
            ],
            problems: [
                "not-json", "unknown-member", "bad-value", "unknown-metric", "unknown-dimension",
                "bad-operator",
                "unknown-time-zone", "bad-date-range", "bad-comparison", "bad-order", "bad-dataset",
                "refused-by-engine",
                "not-acceptable", "bad-format", "query-limit", "too-many-queries",
            ]),
        OpenAPIOperation(
            "GET /api/v1/metrics", "The metrics: words, formula, unit, what is left out", tag: "numbers",
            access: .read),
        OpenAPIOperation("GET /api/v1/dimensions", "The dimensions", tag: "numbers", access: .read),
        OpenAPIOperation("GET /api/v1/openapi.json", "This document", tag: "numbers"),
    ]

    static let statements: [OpenAPIOperation] = [
        OpenAPIOperation(
            "POST /api/v1/sql", "Hand in a statement, which runs on its own", tag: "sql", access: .read,
            body: .init("application/json", "StatementOrder"), status: 202,
            answer: [.init("application/json", "Statement")],
            problems: ["not-json", "bad-statement", "bad-timeout", "too-many-queries"]),
        OpenAPIOperation("GET /api/v1/sql", "The statements that run or are kept", tag: "sql", access: .read),
        OpenAPIOperation(
            "GET /api/v1/sql/{id}", "State and progress of a statement", tag: "sql", access: .read,
            parameters: [.path("id", "The statement.")], answer: [.init("application/json", "Statement")],
            problems: ["not-found"]),
        OpenAPIOperation(
            "GET /api/v1/sql/{id}/rows", "Rows of a statement, a page at a time, also while it runs",
            tag: "sql", access: .read,
            parameters: [
                .path("id", "The statement."),
                .query("limit", "The most rows, 1 to 10000; 1000 where nothing is said.", integer),
                .query("after", "Where the page begins: next of the page before.", integer),
            ], answer: [.init("application/json", "StatementRows")], problems: ["not-found", "bad-request"]),
        OpenAPIOperation(
            "GET /api/v1/sql/{id}/parquet",
            "The whole result as a Parquet file: the statement runs again for it",
            tag: "sql", access: .read, parameters: [.path("id", "The statement.")],
            answer: [.init("application/vnd.apache.parquet", "Text")],
            problems: ["not-found", "bad-request", "query-limit", "too-many-queries"]),
        OpenAPIOperation(
            "POST /api/v1/sql/{id}/cancel", "Cancel a statement", tag: "sql", access: .read,
            parameters: [.path("id", "The statement.")], answer: [.init("application/json", "Statement")],
            problems: ["not-found"]),
    ]

    static let upkeep: [OpenAPIOperation] = [
        OpenAPIOperation(
            "GET /api/v1/refused", "Refused records", tag: "upkeep", access: .read,
            parameters: [
                .query("source", "Of this source."), .query("reason", "Whose reason has this in it."),
                .query("since", "Refused since, such as 2026-08-01T00:00:00Z."),
                .query("limit", "The most records, 1 to 1000.", integer),
                .query("after", "next of the page before."),
            ], problems: ["bad-request"]),
        OpenAPIOperation(
            "GET /api/v1/refused/{id}", "One refused record with its bytes", tag: "upkeep", access: .read,
            parameters: [.path("id", "Its id, or the beginning.")], problems: ["not-found"]),
        OpenAPIOperation(
            "POST /api/v1/refused/replay", "Send refused records again", tag: "upkeep", access: .admin,
            body: .init("application/json", "Object"), problems: ["not-json"]),
        OpenAPIOperation(
            "POST /api/v1/erasures", "Ask for the erasure of a person", tag: "upkeep", access: .admin,
            body: .init("application/json", "Object"), status: 202,
            problems: ["bad-erasure", "bad-recipient"]),
        OpenAPIOperation(
            "GET /api/v1/erasures/{id}", "How far an erasure is", tag: "upkeep", access: .admin,
            parameters: [.path("id", "The erasure.")], problems: ["not-found"]),
        OpenAPIOperation(
            "GET /api/v1/retention", "How long data is kept, and what was deleted last", tag: "upkeep",
            access: .admin),
        OpenAPIOperation(
            "PUT /api/v1/retention", "Say how long data is kept", tag: "upkeep", access: .admin,
            body: .init("application/json", "Object"), problems: ["bad-retention", "contradicting-retention"]),
    ]

    static let intake: [OpenAPIOperation] = [
        OpenAPIOperation(
            "POST /v1/events", "Events as JSON, in any framing", tag: "intake", access: .ingest,
            parameters: [.query("source", "The source of kind http that they are of.")],
            body: .init("application/x-ndjson", "Text"),
            problems: ["empty-body", "not-json", "body-too-large", "source-paused", "overloaded"]),
        OpenAPIOperation(
            "POST /ingest/http/{name}", "The same, for a source of kind http", tag: "intake", access: .source,
            parameters: [.path("name", "The source.")], body: .init("application/x-ndjson", "Text"),
            problems: ["empty-body", "not-json", "body-too-large", "source-paused", "overloaded"]),
        OpenAPIOperation(
            "POST /ingest/{kind}/{name}", "What SNS, Firehose or EventBridge send", tag: "intake",
            access: .source,
            parameters: [.path("kind", "sns, firehose or eventbridge."), .path("name", "The source.")],
            body: .init("application/json", "Object")),
        OpenAPIOperation(
            "GET /ingest/{kind}/{name}", "A look at a receiver, as some senders take before they send",
            tag: "intake", access: .source,
            parameters: [.path("kind", "sns, firehose or eventbridge."), .path("name", "The source.")]),
        OpenAPIOperation(
            "POST /", "AWS's Firehose API, by the header X-Amz-Target", tag: "intake", access: .source,
            body: .init("application/x-amz-json-1.1", "Object"),
            answer: [.init("application/x-amz-json-1.1", "Object")]),
    ]

    static let state: [OpenAPIOperation] = [
        OpenAPIOperation(
            "GET /api/v1/live", "Server-sent events: the version of the lake, whenever it has changed",
            tag: "state", access: .read, answer: [.init("text/event-stream", "Text")]),
        OpenAPIOperation("GET /health", "Whether events can be taken, and what is wrong", tag: "state"),
        OpenAPIOperation("GET /health/live", "Whether the process lives", tag: "state"),
        OpenAPIOperation("GET /health/ready", "Whether events can be taken, and what is wrong", tag: "state"),
        OpenAPIOperation(
            "GET /metrics", "Counters for Prometheus; open to this machine, others need a token",
            tag: "state", access: .read,
            answer: [.init("text/plain", "Text")]),
    ]
}
