import ArgumentParser
import Foundation
import Lake
import Primitives

/// How the columns of a stream are declared on the command line.
struct StreamArguments: ParsableArguments {
    @Option(help: "The table's name in SQL (default: the stream's in lower case).") var table: String?
    @Flag(help: "Members must be spelled as their columns, in case too.") var caseSensitive = false
    @Flag(help: "A point in a member's name counts as an underscore.") var dotsToUnderscores = false
    @Option(
        name: .customLong("map"),
        help: "COLUMN=MEMBER: the column takes the member of another name; may be given again.")
    var mappings: [String] = []

    func validate() throws { _ = try streamOptions }

    /// How members find their columns.
    var streamOptions: StreamOptions {
        get throws {
            var options = StreamOptions()
            options.caseInsensitive = !caseSensitive
            options.dotsToUnderscores = dotsToUnderscores
            for mapping in mappings {
                guard let sign = mapping.firstIndex(of: "="), sign != mapping.startIndex else {
                    throw ValidationError("--map takes COLUMN=MEMBER, not '\(mapping)'")
                }
                options.mappings[String(mapping[..<sign])] = String(mapping[mapping.index(after: sign)...])
            }
            return options
        }
    }

    /// The schema that a text is, or the file that it names holds.
    static func schema(_ argument: String) throws -> StreamSchema {
        guard FileManager.default.fileExists(atPath: argument) else { return try StreamSchema(argument) }
        guard let text = try? String(contentsOfFile: argument, encoding: .utf8) else {
            throw Failure(.notFound, "\(argument) cannot be read as text")
        }
        return try StreamSchema(text)
    }
}

extension StreamTable {
    /// Prints the columns with their types, Sesame's own behind them.
    func printColumns() {
        var lines = TextTable("column", "type", "member")
        let members = Dictionary(options.mappings.map { ($0.key.lowercased(), $0.value) }) { $1 }
        for column in columns {
            lines.add([column.name, column.type.hiveName, members[column.name.lowercased()] ?? column.name])
        }
        lines.add([receivedColumn, "timestamp", "(when it was received)"])
        lines.add([extraColumn, "string", "(JSON of all other members)"])
        for line in lines.lines { print(line) }
    }
}
