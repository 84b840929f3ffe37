// Columns as Hive and Glue write them:
//   columns   column ("," column)*
//   column    name (":" | white space) type            the name may stand in back quotes
//   type      string | varchar(n) | char(n) | tinyint | smallint | int | integer | bigint | float | real | double
//             | boolean | date | timestamp | decimal[(p[,s])] | array<type> | map<type,type> | struct<name:type,…>
// White space may stand anywhere between words; types are read without regard to case.

import Primitives

/// Reads columns and types from Hive's text.
struct HiveText {
    private let characters: [Character]
    private var position = 0
    private let text: String

    /// How deep types may nest.
    private static let deepest = 16

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    /// All columns of the text.
    static func columns(_ text: String) throws(Failure) -> [TableColumn] {
        var reader = HiveText(text)
        var columns: [TableColumn] = []
        repeat {
            let name = reader.name()
            _ = reader.take(":")
            columns.append(TableColumn(name, try reader.type(depth: 0)))
        } while reader.take(",")
        try reader.end()
        return columns
    }

    /// The one type that the text is.
    static func type(_ text: String) throws(Failure) -> TableColumnType {
        var reader = HiveText(text)
        let type = try reader.type(depth: 0)
        try reader.end()
        return type
    }

    private mutating func type(depth: Int) throws(Failure) -> TableColumnType {
        guard depth < Self.deepest else { throw failure("types nest more than \(Self.deepest) deep") }
        let word = name().lowercased()
        switch word {
        case "string": return .string
        case "varchar", "char":
            _ = try numbers()
            return .string
        case "tinyint", "smallint", "int", "integer": return .integer
        case "bigint": return .long
        case "float", "real": return .other("float")
        case "double": return .double
        case "boolean": return .boolean
        case "date": return .date
        case "timestamp": return .timestamp
        case "decimal": return try decimal()
        case "array":
            try expect("<")
            let element = try type(depth: depth + 1)
            try expect(">")
            return .array(element)
        case "map":
            try expect("<")
            let key = try type(depth: depth + 1)
            try expect(",")
            let value = try type(depth: depth + 1)
            try expect(">")
            return .map(key, value)
        case "struct": return try structure(depth)
        default:
            throw failure(
                "'\(word)' is no type that records of a stream can have; there are string, int, bigint, float, double, "
                    + "boolean, date, timestamp, decimal(p,s), array<…>, map<…,…> and struct<name:type,…>")
        }
    }

    private mutating func structure(_ depth: Int) throws(Failure) -> TableColumnType {
        try expect("<")
        var fields: [TableColumn] = []
        repeat {
            let name = name()
            try expect(":")
            fields.append(TableColumn(name, try type(depth: depth + 1)))
        } while take(",")
        try expect(">")
        return .structure(fields)
    }

    private mutating func decimal() throws(Failure) -> TableColumnType {
        let numbers = try numbers()
        let (precision, scale) = (numbers.first ?? 10, numbers.count > 1 ? numbers[1] : 0)
        guard (1...38).contains(precision), (0...precision).contains(scale), numbers.count <= 2 else {
            throw failure("decimal(p,s) has up to 38 digits, of which s stand behind the point")
        }
        return .other("decimal(\(precision),\(scale))")
    }

    /// The numbers in parentheses; none where there are no parentheses.
    private mutating func numbers() throws(Failure) -> [Int] {
        guard take("(") else { return [] }
        var numbers: [Int] = []
        repeat {
            guard let number = Int(name()) else { throw failure("a number is missing in parentheses") }
            numbers.append(number)
        } while take(",")
        try expect(")")
        return numbers
    }

    private mutating func name() -> String {
        skipSpace()
        if position < characters.count, characters[position] == "`" {
            let rest = characters[(position + 1)...]
            let name = String(rest.prefix { $0 != "`" })
            position = min(characters.count, position + name.count + 2)
            return name
        }
        let name = characters[position...].prefix { !$0.isWhitespace && !",:<>()`".contains($0) }
        position += name.count
        return String(name)
    }

    private mutating func skipSpace() {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard position < characters.count, characters[position] == character else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(Failure) {
        guard take(character) else { throw failure("'\(character)' is missing") }
    }

    private mutating func end() throws(Failure) {
        skipSpace()
        guard position == characters.count else { throw failure("a comma is missing between columns") }
    }

    private func failure(_ reason: String) -> Failure {
        let before = String(characters.prefix(position).suffix(40))
        return Failure(
            .usage,
            "the columns cannot be read behind '\(before)': \(reason); write them as in: id string, ts timestamp"
        )
    }
}

extension TableColumnType {
    /// The type as Hive and Glue name it.
    public var hiveName: String {
        switch self {
        case .string: "string"
        case .long: "bigint"
        case .integer: "int"
        case .boolean: "boolean"
        case .double: "double"
        case .timestamp: "timestamp"
        case .date: "date"
        case .binary: "binary"
        case .array(let element): "array<\(element.hiveName)>"
        case .map(let key, let value): "map<\(key.hiveName),\(value.hiveName)>"
        case .structure(let fields):
            "struct<" + fields.map { "\($0.name):\($0.type.hiveName)" }.joined(separator: ",") + ">"
        case .other(let name): name
        }
    }

    /// Digits in all and behind the point of a decimal.
    var decimal: (precision: Int, scale: Int)? {
        guard case .other(let name) = self, name.hasPrefix("decimal") else { return nil }
        let numbers = name.split { !$0.isNumber }.compactMap { Int($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
}
