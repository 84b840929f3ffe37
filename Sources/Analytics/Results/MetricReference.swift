import Scanning

/// The dictionary for readers: `docs/metrics.md`, and JSON.
public enum MetricReference {
    /// The page as Markdown.
    public static var markdown: String {
        let metrics = Metric.topics.map { topic in
            "## \(topic.title)\n\n" + topic.metrics.map(section).joined(separator: "\n")
        }
        let dimensions = Dimension.topics.map { topic in
            "### \(topic.title)\n\n| dimension | type | meaning |\n| --- | --- | --- |\n"
                + topic.dimensions.map { "| `\($0.name)` | \($0.type.rawValue) | \($0.meaning) |\n" }.joined()
        }
        return ([head] + metrics + ["## Dimensions\n"] + dimensions).joined(separator: "\n")
    }

    private static let head = """
        <!-- generated: sesame reference metrics > docs/metrics.md -->
        # Metrics

        Every number, as `sesame query` and `POST /api/v1/query` count it; see [api.md](api.md) for how to ask.
        What is counted is a mail, a message to one recipient, where nothing else is said. A rate is a part of one: 0.05 is 5 %. One whose
        denominator is below \(Metric.smallSample), and a percentile of fewer deliveries, is marked `sample_too_small`.
        [How a metric is counted, and why](decisions/0018-how-a-metric-is-counted.md).

        """

    private static func section(_ metric: Metric) -> String {
        var lines = ["**`\(metric.name)`** \(metric.title). \(metric.meaning)", ""]
        lines.append("- counted: \(metric.formula)")
        if let leftOut = metric.leftOut { lines.append("- left out: \(leftOut)") }
        lines.append("- unit: \(metric.unit.rawValue)\(good(metric))")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func good(_ metric: Metric) -> String {
        switch metric.goodDirection {
        case .up: "; more is better"
        case .down: "; less is better"
        case .neutral: ""
        }
    }

    /// The metrics as a JSON object with a list.
    public static var metricsJSON: String {
        "{\"metrics\":[\(Metric.topics.flatMap { topic in topic.metrics.map { json($0, topic.title) } }.joined(separator: ",\n"))]}\n"
    }

    /// The dimensions as a JSON object with a list.
    public static var dimensionsJSON: String {
        let list = Dimension.topics.flatMap { topic in
            topic.dimensions.map {
                object([
                    ("name", $0.name), ("title", $0.title), ("meaning", $0.meaning),
                    ("type", $0.type.rawValue),
                    ("topic", topic.title),
                ])
            }
        }
        return "{\"dimensions\":[\(list.joined(separator: ",\n"))]}\n"
    }

    private static func json(_ metric: Metric, _ topic: String) -> String {
        object([
            ("name", metric.name), ("title", metric.title), ("meaning", metric.meaning),
            ("formula", metric.formula),
            ("numerator", metric.numerator), ("denominator", metric.denominator),
            ("unit", metric.unit.rawValue),
            ("left_out", metric.leftOut), ("good_direction", metric.goodDirection.rawValue),
            ("sample", metric.sample), ("sql", metric.sql), ("topic", topic),
        ])
    }

    private static func object(_ members: [(name: String, text: String?)]) -> String {
        "{"
            + members.map { "\"\($0.name)\":\($0.text.map(JSONText.quoted) ?? "null")" }.joined(
                separator: ",") + "}"
    }
}
