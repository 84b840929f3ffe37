// What a stream's table keeps in the configuration of its Delta metadata, beside the columns:
//   sesame.stream     the name of the stream whose records are its rows
//   sesame.options    {"caseInsensitive":true,"dotsToUnderscores":false,"mappings":{"ts":"timestamp"}}
//   sesame.received   the column of the time of receipt
//   sesame.extra      the column of members that no column takes
//   sesame.evolved    "true" once columns were added, so that older files lack some

import DuckDB
import Primitives

/// How a record's members find their columns; the settings of Firehose's OpenX SerDe.
public struct StreamOptions: Sendable, Equatable {
    /// Whether case makes no difference between a member's name and a column's.
    public var caseInsensitive = true
    /// Whether a point in a member's name counts as an underscore.
    public var dotsToUnderscores = false
    /// Column → the name of the member that it takes, where that is another.
    public var mappings: [String: String] = [:]

    /// The defaults.
    public init() {}

    init(text: String?) {
        guard let text, let json = try? DeltaJSON(parsing: text) else { return }
        caseInsensitive = json["caseInsensitive"]?.bool ?? true
        dotsToUnderscores = json["dotsToUnderscores"]?.bool ?? false
        mappings = (json["mappings"]?.members ?? [:]).compactMapValues(\.text)
    }

    var text: String {
        DeltaJSON.object([
            "caseInsensitive": .boolean(caseInsensitive), "dotsToUnderscores": .boolean(dotsToUnderscores),
            "mappings": .object(mappings.mapValues { .string($0) }),
        ]).line
    }
}

/// The declared columns of a stream, in Hive's and Glue's types.
public struct StreamSchema: Sendable, Equatable {
    /// The columns.
    public let columns: [TableColumn]

    /// Reads `id string, ts timestamp`, or JSON: a list of `{"Name","Type"}`, or a Glue table that holds one.
    ///
    /// - Throws: ``Failure`` of kind usage that says what cannot be read.
    public init(_ text: String) throws(Failure) {
        let isJSON = text.first { !$0.isWhitespace }.map { "[{".contains($0) } ?? false
        columns = isJSON ? try StreamSchema.glue(text) : try HiveText.columns(text)
        try StreamSchema.check(columns)
    }

    private static func glue(_ text: String) throws(Failure) -> [TableColumn] {
        guard let json = try? DeltaJSON(parsing: text) else {
            throw Failure(.usage, "the schema begins as JSON and is none")
        }
        let table = json.member("Table") ?? json.member("TableInput") ?? json
        let holder = table.member("StorageDescriptor") ?? table
        guard let list = holder.elements ?? holder.member("Columns")?.elements else {
            throw Failure(
                .usage,
                "the schema names no columns; it is a list of {\"Name\", \"Type\"} or a Glue table with StorageDescriptor"
            )
        }
        var columns: [TableColumn] = []
        for element in list {
            guard let name = element.member("Name")?.text, let type = element.member("Type")?.text else {
                throw Failure(.usage, "a column of the schema has no Name or no Type: \(element.line)")
            }
            columns.append(TableColumn(name, try HiveText.type(type)))
        }
        return columns
    }

    /// The most columns of a table.
    static let mostColumns = 1_000

    /// Refuses names that Delta's readers refuse, and those that say the same in SQL.
    static func check(_ columns: [TableColumn]) throws(Failure) {
        guard (1...mostColumns).contains(columns.count) else {
            throw Failure(.usage, "a schema has 1 to \(mostColumns) columns, not \(columns.count)")
        }
        var names: Set<String> = []
        for column in columns {
            guard !column.name.isEmpty, column.name.utf8.count <= 255,
                !column.name.unicodeScalars.contains(where: {
                    $0.value < 0x20 || " ,;{}()=\"".unicodeScalars.contains($0)
                })
            else { throw Failure(.usage, "'\(column.name)' cannot name a column") }
            guard names.insert(column.name.lowercased()).inserted else {
                throw Failure(.usage, "the column '\(column.name)' is declared twice")
            }
            try check(column.type)
        }
    }

    private static func check(_ type: TableColumnType) throws(Failure) {
        switch type {
        case .array(let element): try check(element)
        case .map(let key, let value):
            switch key {
            case .array, .map, .structure: throw Failure(.usage, "the keys of a map are no \(key.hiveName)")
            default: break
            }
            try check(value)
        case .structure(let fields): try check(fields)
        default: break
        }
    }
}

extension DeltaJSON {
    /// A member whose name differs in case at most.
    fileprivate func member(_ name: String) -> DeltaJSON? {
        members?.first { $0.key.lowercased() == name.lowercased() }?.value
    }
}

/// A table whose rows are the records of a stream.
public struct StreamTable: Sendable {
    /// Its name in SQL and its folder's.
    public let name: String
    /// The stream.
    public let stream: String
    /// The declared columns.
    public let columns: [TableColumn]
    /// How members find their columns.
    public let options: StreamOptions
    /// All records of the event log before this offset are in it.
    public let offset: UInt64
    /// Rows in it.
    public let rows: Int64
    /// The column of the time of receipt.
    public let receivedColumn: String
    /// The column of members that no column takes.
    public let extraColumn: String

    init?(_ name: String, _ snapshot: TableSnapshot) {
        let settings = snapshot.metadata.configuration
        guard let stream = settings["sesame.stream"], let received = settings["sesame.received"],
            let extra = settings["sesame.extra"]
        else { return nil }
        (self.name, self.stream, receivedColumn, extraColumn) = (name, stream, received, extra)
        options = StreamOptions(text: settings["sesame.options"])
        columns = snapshot.schema.columns.filter { $0.name != received && $0.name != extra }
        offset = UInt64(max(0, snapshot.transactions[EventLake.logMark] ?? 0))
        rows = snapshot.rowCount ?? 0
    }
}
