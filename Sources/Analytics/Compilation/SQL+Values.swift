import Primitives

extension SQL {
    /// A user's text as SQL.
    ///
    /// The check of statements takes a text in which such a call as `checkpoint(…)` seems to stand for the call itself. A
    /// literal is cut where that could be, and put together again by the engine.
    static func value(_ text: String) -> String {
        guard isSuspicious(text) else { return literal(text) }
        var pieces: [String.UnicodeScalarView] = [.init()]
        for scalar in text.unicodeScalars {
            if "(/-".unicodeScalars.contains(scalar) { pieces.append(.init()) }
            pieces[pieces.count - 1].append(scalar)
        }
        return "(" + pieces.map { literal(String($0)) }.joined(separator: " || ") + ")"
    }

    /// Whether the check could take something in a text for a call.
    static func isSuspicious(_ text: String) -> Bool {
        let lower = text.lowercased()
        return suspicious.contains(where: lower.contains)
    }

    /// Parts of the names of which a test knows that they are all.
    private static let suspicious = [
        "checkpoint", "logging", "logs", "write_log", "profiling", "query", "_scan", "python_map",
        "json_execute",
    ]

    /// An instant.
    static func instant(_ time: Timestamp) -> String { "TIMESTAMPTZ '\(time.iso8601)'" }
}

extension AnalyticsValue {
    /// The value as SQL of its own type.
    var sql: String {
        switch self {
        case .null: "NULL"
        case .text(let text): SQL.value(text)
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)::DOUBLE"
        case .flag(let flag): flag ? "true" : "false"
        }
    }

    /// Whether the engine can be told it: it ends a statement at U+0000, and has no literal for what is no number.
    var isPlain: Bool {
        switch self {
        case .text(let text): !text.utf8.contains(0) && text.utf8.count <= 16_384
        case .number(let number): number.isFinite
        default: true
        }
    }
}
