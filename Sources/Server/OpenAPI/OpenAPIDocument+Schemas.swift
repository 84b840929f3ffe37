import Analytics

extension OpenAPIDocument {
    private static func reference(_ name: String) -> JSONValue {
        ["$ref": .text("#/components/schemas/\(name)")]
    }

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func names(_ texts: [String]) -> JSONValue { .list(texts.map { .text($0) }) }

    private static let text: JSONValue = ["type": "string"]
    private static let number: JSONValue = ["type": "integer"]

    static let schemas: [(String, JSONValue)] = [
        ("Object", ["type": "object"]), ("Text", text), ("Problem", problem), ("Query", query),
        ("Filter", filter),
        ("Answer", answerSchema), ("StatementOrder", order), ("Statement", statement),
        ("StatementRows", rows), ("SourceOrder", sourceOrder),
    ]

    private static let problem: JSONValue = [
        "type": "object", "required": ["type", "title", "status", "detail", "code"],
        "properties": [
            "type": text, "title": text, "status": number,
            "detail": ["type": "string", "description": "What happened."],
            "code": ["type": "string", "description": "For programs; never changes."],
            "hint": ["type": "string", "description": "What to do."],
            "pointer": ["type": "string", "description": "Where in the request's JSON, RFC 6901."],
            "request_id": text,
        ],
    ]

    private static let query: JSONValue = [
        "type": "object", "required": ["metrics"], "additionalProperties": false,
        "properties": [
            "metrics": ["type": "array", "minItems": 1, "items": ["enum": names(Metric.all.map(\.name))]],
            "dimensions": [
                "type": "array", "items": text,
                "description": .text(
                    "One of " + Dimension.all.map(\.name).joined(separator: ", ")
                        + "; NAME stands for any, DATASET.COLUMN for a column of a joined dataset."),
            ],
            "filters": ["anyOf": [reference("Filter"), list(reference("Filter"))]],
            "having": [
                "anyOf": [reference("Filter"), list(reference("Filter"))],
                "description": "Filters on metrics.",
            ],
            "date_range": [
                "description":
                    "all; 24h, 7d, 4w, 3mo or 1y; today, yesterday, this_week and the like; or from and to.",
                "anyOf": [text, span],
            ],
            "time_zone": [
                "type": "string", "default": "UTC", "description": "A name such as Europe/Berlin.",
            ],
            "time_basis": ["enum": ["event", "sent"], "default": "event"],
            "compare": ["description": "previous, year, weekday, or from and to.", "anyOf": [text, span]],
            "order": [
                "type": "array", "items": text,
                "description": "Names of the query's columns; - before one for the greatest first.",
            ],
            "limit": [
                "type": "integer", "minimum": 1, "maximum": .number(AnalyticsQuery.mostRows), "default": 1000,
            ],
            "offset": ["type": "integer", "minimum": 0, "default": 0],
            "join": [
                "type": "object",
                "description":
                    "Datasets by name: what finds a row, recipient or message, and the column that has it.",
                "additionalProperties": ["type": "object", "additionalProperties": text],
            ],
            "representative_volume": ["type": "integer", "minimum": 100, "default": 10_000],
        ],
    ]

    private static let span: JSONValue = [
        "type": "object", "required": ["from"], "additionalProperties": false,
        "properties": [
            "from": ["type": "string", "description": "2026-08-01 or 2026-08-01T12:00:00Z."],
            "to": ["type": "string", "description": "A day is in with all of it; a time is not."],
        ],
    ]

    private static let filter: JSONValue = [
        "type": "object", "additionalProperties": false,
        "description":
            "and, or, not; or a field with an operator and either value or values, any of which will do.",
        "properties": [
            "and": list(reference("Filter")), "or": list(reference("Filter")), "not": reference("Filter"),
            "field": text,
            "op": ["enum": names(AnalyticsFilter.Operator.allCases.map(\.rawValue)), "default": "is"],
            "value": ["type": ["string", "number", "boolean", "null"]],
            "values": list(["type": ["string", "number", "boolean", "null"]]),
        ],
    ]

    private static let answerSchema: JSONValue = [
        "type": "object", "required": ["columns", "rows", "totals", "row_count", "freshness"],
        "properties": [
            "columns": list(["type": "object"]),
            "rows": list([
                "type": "object",
                "description":
                    "A value for each column, and sample_too_small: the metrics whose sample is small.",
            ]),
            "totals": ["type": "object", "description": "The same over all; not the sum of the rows."],
            "row_count": number,
            "limit": number, "offset": number, "date_range": ["type": "object"],
            "compare": ["type": "object"],
            "freshness": ["type": "object", "description": "snapshot_version, last_event_at."],
        ],
    ]

    private static let order: JSONValue = [
        "type": "object", "required": ["sql"],
        "properties": ["sql": text, "timeout_seconds": ["type": "number", "default": 60, "maximum": 3_600]],
    ]

    private static let statement: JSONValue = [
        "type": "object", "required": ["id", "state"],
        "properties": [
            "id": text, "state": ["enum": ["queued", "running", "succeeded", "failed", "cancelled"]],
            "sql": text,
            "submitted_at": text, "ended_at": text, "milliseconds": number, "progress_percent": number,
            "rows": number,
            "bytes": number, "error": ["type": "object"],
        ],
    ]

    private static let rows: JSONValue = [
        "type": "object", "required": ["id", "state", "rows"],
        "properties": [
            "id": text, "state": text, "rows": list(["type": "object"]),
            "next": [
                "type": "string", "description": "after of the next page; not there once there is no more.",
            ],
        ],
    ]
}
