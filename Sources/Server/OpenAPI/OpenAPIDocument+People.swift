extension OpenAPIDocument {
    private static let integer: JSONValue = ["type": "integer", "minimum": 1]

    static let people: [OpenAPIOperation] = [
        OpenAPIOperation(
            "GET /api/v1/search", "People, messages, subjects, links and replies that have a text in them",
            tag: "people",
            access: .read,
            parameters: [.query("q", "An address or a part of it, a message id, or any text.")],
            problems: ["bad-value", "query-limit", "too-many-queries"]),
        OpenAPIOperation(
            "POST /api/v1/events", "The events behind a query's numbers, newest first; without dimensions",
            tag: "people", access: .read, parameters: [.query("after", "next of the page before.")],
            body: .init("application/json", "Query"),
            problems: [
                "not-json", "bad-value", "unknown-dimension", "bad-operator", "query-limit",
                "too-many-queries",
            ]),
        OpenAPIOperation(
            "GET /api/v1/messages/{id}",
            "A message's journey: every event in order, what it says and what it means",
            tag: "people", access: .read, parameters: [.path("id", "SES's message id.")],
            problems: ["not-found", "bad-value", "query-limit", "too-many-queries"]),
        OpenAPIOperation(
            "GET /api/v1/recipients", "What became of the messages to one recipient, newest first",
            tag: "people",
            access: .read,
            parameters: [
                .query("address", "The whole address, in any case of letters."),
                .query("limit", "The most messages, 1 to 1000; 50 where nothing is said.", integer),
                .query("after", "next of the page before."),
            ], problems: ["bad-value", "bad-request", "query-limit", "too-many-queries"]),
    ]

    static let saved: [OpenAPIOperation] = [
        OpenAPIOperation(
            "GET /api/v1/catalog", "The tables and views that statements may read, and their columns",
            tag: "sql",
            access: .read, problems: ["query-limit", "too-many-queries"]),
        OpenAPIOperation(
            "GET /api/v1/datasets", "The tables that the user brought, with their sizes", tag: "sql",
            access: .read),
        OpenAPIOperation(
            "PUT /api/v1/datasets/{name}",
            "Make a file's rows a dataset: CSV, JSON, NDJSON or Parquet, told by Content-Type or else by the first bytes; gzip and zstd too",
            tag: "sql", access: .admin,
            parameters: [
                .path("name", "The table's name: a to z, 0 to 9 and _."),
                .query(
                    "mode", "What to do where there is one: create refuses.",
                    ["enum": ["create", "replace", "append"], "default": "create"]),
                .query("file", "What errors call the file."),
            ],
            body: .init("application/octet-stream", "Text"),
            problems: [
                "bad-request", "unreadable", "dataset-conflict", "body-too-large", "body-incomplete", "busy",
                "storage",
            ]),
        OpenAPIOperation(
            "DELETE /api/v1/datasets/{name}", "Drop a dataset", tag: "sql", access: .admin,
            parameters: [.path("name", "The dataset.")], problems: ["not-found"]),
        OpenAPIOperation(
            "GET /api/v1/saved", "What people saved: segments, statements and views", tag: "saved",
            access: .read,
            parameters: [.query("kind", "Of one kind alone.", ["enum": ["segment", "sql", "view"]])],
            problems: ["bad-request"]),
        OpenAPIOperation(
            "POST /api/v1/saved", "Save something; what has its kind and name is replaced", tag: "saved",
            access: .admin, body: .init("application/json", "Object"), problems: ["not-json", "bad-request"]),
        OpenAPIOperation(
            "DELETE /api/v1/saved/{id}", "Remove what was saved", tag: "saved", access: .admin,
            parameters: [.path("id", "Its number.")], problems: ["not-found"]),
    ]
}
