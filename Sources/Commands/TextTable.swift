/// Rows in columns of equal width, for people to read.
///
/// A character counts as one cell wide, which is wrong for East Asian text and right for nearly all else.
struct TextTable {
    /// One column: its title, and whether it holds numbers, which stand to the right.
    struct Column {
        var title: String
        var isNumeric = false
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// A table without rows.
    init(_ columns: [Column]) { self.columns = columns }

    /// A table of text columns without rows.
    init(_ titles: String...) { self.init(titles.map { Column(title: $0) }) }

    /// Adds a row; nil is shown empty, and columns that are not given stay so.
    mutating func add(_ cells: [String?]) {
        let present = cells.prefix(columns.count).map { $0.map(TextTable.harmless) ?? "" }
        rows.append(present + Array(repeating: "", count: columns.count - present.count))
    }

    /// The lines: titles, a rule, rows; without spaces at their ends.
    var lines: [String] {
        let widths = columns.indices.map { index in
            max(columns[index].title.count, rows.map { $0[index].count }.max() ?? 0)
        }
        let rule = widths.map { String(repeating: "─", count: $0) }
        return [line(columns.map(\.title), widths), rule.joined(separator: "  ")]
            + rows.map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            text += columns[index].isNumeric ? padding + cell : cell + padding
            text += "  "
        }
        return String(text.reversed().drop { $0 == " " }.reversed())
    }

    /// Subjects and server replies are strangers' text: control characters would speak to the terminal.
    private static func harmless(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
