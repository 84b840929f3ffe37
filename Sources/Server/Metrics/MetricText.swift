/// Writes metrics in Prometheus's text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
enum MetricText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func write(_ registry: MetricRegistry) -> String {
        var text = ""
        for (family, series) in registry.snapshot {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.word)\n"
            for (labels, value) in series { write(family, labels, value, into: &text) }
        }
        return text
    }

    private static func write(
        _ family: MetricFamily, _ labels: [String], _ value: MetricRegistry.Value, into text: inout String
    ) {
        let pairs = Array(zip(family.labels, labels))
        switch (value, family.kind) {
        case (.buckets(let counts, let sum), .histogram(let bounds)):
            var total = 0
            for (bound, count) in zip(bounds.map(number) + ["+Inf"], counts) {
                total += count
                text += "\(family.name)_bucket\(set(pairs + [("le", bound)])) \(total)\n"
            }
            text += "\(family.name)_sum\(set(pairs)) \(number(sum))\n"
            text += "\(family.name)_count\(set(pairs)) \(total)\n"
        case (.number(let value), _): text += "\(family.name)\(set(pairs)) \(number(value))\n"
        default: break
        }
    }

    private static func set(_ pairs: [(String, String)]) -> String {
        if pairs.isEmpty { return "" }
        return "{" + pairs.map { "\($0)=\"\(escaped($1, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\"" where quotes: output += "\\\""
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }

    /// Whole numbers without a point, so that byte counts read well.
    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : "\(value)"
    }
}
