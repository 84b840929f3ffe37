import Analytics
import Foundation
import Primitives

/// An answer for people: rates in per cent, small samples marked, the total last.
struct AnswerTable {
    private let result: AnalyticsResult

    init(_ result: AnalyticsResult) { self.result = result }

    /// The table with what is to be said of it.
    var text: String {
        var table = TextTable(result.columns.map { .init(title: $0.name, isNumeric: $0.kind != .dimension) })
        for row in result.rows { table.add(cells(row)) }
        let dimensions = result.columns.count { $0.kind == .dimension }
        if dimensions > 0 {
            var total = cells(result.totals)
            total[0] = "total"
            table.add(total)
        }
        return (table.lines + notes).joined(separator: "\n") + "\n"
    }

    private func cells(_ row: AnalyticsResult.Row) -> [String?] {
        zip(result.columns, row.values).map { column, value in
            let mark = row.smallSamples.contains(column.name) && value != .null ? "*" : ""
            return Self.text(value, column.unit).map { $0 + mark } ?? (column.kind == .dimension ? "-" : nil)
        }
    }

    private static func text(_ value: AnalyticsValue, _ unit: Metric.Unit?) -> String? {
        switch (value, unit) {
        case (.null, _): nil
        case (.text(let text), _): text
        case (.flag(let flag), _): flag ? "yes" : "no"
        case (.integer(let integer), nil): String(integer)
        case (.integer(let integer), _): integer.grouped
        case (.number(let number), .ratio?): String(format: "%.2f %%", number * 100)
        case (.number(let number), .milliseconds?): String(format: "%.0f ms", number)
        case (.number(let number), _): String(format: "%.2f", number)
        }
    }

    private var notes: [String] {
        var notes: [String] = []
        if ([result.totals] + result.rows).contains(where: { !$0.smallSamples.isEmpty }) {
            notes.append("* of fewer than \(Metric.smallSample) mails: too few to lean on")
        }
        if result.rowCount > result.rows.count {
            notes.append(
                "\(Terminal.counted(result.rowCount, "row")) in all, \(result.rows.count) shown; see --limit")
        }
        let last = result.freshness.lastEventAt.map { ", last event \($0.iso8601)" } ?? ", no events"
        notes.append("\(Self.text(result.plan.span)) \(result.plan.query.timeZone)\(last)")
        return [""] + notes
    }

    private static func text(_ span: DateSpan) -> String {
        "\(span.from?.iso8601 ?? "the beginning") to \(span.to?.iso8601 ?? "the end")"
    }
}
