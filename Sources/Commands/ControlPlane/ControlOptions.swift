import ArgumentParser
import ControlPlane
import Foundation
import Lake
import Primitives

extension HomeOptions {
    /// The home's control database, made if it is not there.
    func makeControl() async throws -> ControlDatabase { try await ControlDatabase.open(home: directory.url) }

    /// The home's control database.
    ///
    /// - Throws: ``Failure`` of kind notFound if there is none, so that a mistyped `--home` does not make a folder.
    func openControl() async throws -> ControlDatabase {
        guard ControlDatabase.exists(home: directory.url) else {
            throw Failure(
                .notFound,
                "there are no sources, tokens or users in \(directory.url.path) yet; name the right folder with --home, "
                    + "or add one, as in: sesame source add NAME --kind sns")
        }
        return try await makeControl()
    }

    /// Who the audit log says it was.
    var actor: AuditActor { .commandLine(NSUserName()) }
}

/// The text of a file that holds one secret, without the line's end; `-` is standard input.
func secretText(inFile path: String) throws(Failure) -> String {
    let data: Data? =
        path == "-"
        ? try? FileHandle.standardInput.readToEnd() : try? Data(contentsOf: URL(filePath: path))
    guard let data, let text = String(validating: data.prefix(65_536), as: UTF8.self) else {
        throw Failure(.notFound, "cannot read a secret from \(path == "-" ? "standard input" : path)")
    }
    let line = text.prefix { !$0.isNewline }
    guard !line.isEmpty else {
        throw Failure(
            .input, "\(path == "-" ? "standard input" : path) begins with an empty line, not with a secret")
    }
    return String(line)
}

/// Prints one object: for people a line for each field that has a value, else JSON or CSV.
func printFields(_ fields: [(name: String, cell: AnswerRows.Cell)], as format: AnswerFormat) {
    guard format == .table else {
        return AnswerRows(columns: fields.map(\.name), rows: [fields.map(\.cell)]).print(format)
    }
    var table = TextTable("", "")
    for field in fields {
        switch field.cell {
        case .text(let text): if let text { table.add([field.name, text]) }
        case .number(let number): table.add([field.name, Int64(number).grouped])
        case .flag(let flag): if let flag { table.add([field.name, flag ? "yes" : "no"]) }
        case .list(let texts): if !texts.isEmpty { table.add([field.name, texts.joined(separator: ", ")]) }
        }
    }
    for line in table.lines.dropFirst(2) { print(line) }
}
