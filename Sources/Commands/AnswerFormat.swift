import ArgumentParser
import Foundation

/// How a command prints its answer.
enum AnswerFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
}

/// Prints one object as JSON on one line, for programs.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Rows for programs, as JSON or CSV.
struct AnswerRows {
    enum Cell {
        case text(String?)
        case number(Double)
        case flag(Bool?)
        case list([String])
    }

    let columns: [String]
    let rows: [[Cell]]

    /// Prints the rows, a JSON array with an object a line or CSV after RFC 4180.
    func print(_ format: AnswerFormat) {
        if format == .json {
            let objects = rows.map { row in
                "{" + zip(columns, row).map { "\(Self.quoted($0)):\($1.json)" }.joined(separator: ",") + "}"
            }
            Swift.print(rows.isEmpty ? "[]" : "[\n" + objects.joined(separator: ",\n") + "\n]")
        } else {
            Swift.print(columns.joined(separator: ","))
            for row in rows { Swift.print(row.map(\.csv).joined(separator: ",")) }
        }
    }

    fileprivate static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        guard let data = try? encoder.encode(text) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }
}

extension AnswerRows.Cell {
    fileprivate var json: String {
        switch self {
        case .text(let text): text.map(AnswerRows.quoted) ?? "null"
        case .number(let number): Self.digits(number)
        case .flag(let flag): flag.map { $0 ? "true" : "false" } ?? "null"
        case .list(let texts): "[" + texts.map(AnswerRows.quoted).joined(separator: ",") + "]"
        }
    }

    fileprivate var csv: String {
        let text =
            switch self {
            case .text(let text): text ?? ""
            case .number(let number): Self.digits(number)
            case .flag(let flag): flag.map { $0 ? "true" : "false" } ?? ""
            case .list(let texts): texts.joined(separator: ", ")
            }
        guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    private static func digits(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? "\(number)"
    }
}
