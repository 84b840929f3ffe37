import Compression
import DuckDB
import Foundation
import Primitives

/// A file that becomes rows of a dataset: its path and how DuckDB reads it.
public struct DatasetFile: Sendable {
    /// How rows are written in it.
    public enum Format: Sendable {
        /// CSV, or another table of text: DuckDB finds out what separates.
        case csv
        /// JSON: an array, or values one after the other.
        case json
        /// Parquet.
        case parquet
    }

    /// What errors call it: for the command, as the user named it.
    let name: String
    /// Absolute.
    let path: String
    /// The format.
    public let format: Format
    /// The name that DuckDB gives to how it is compressed; nil where the name of the file says it, or that it is not.
    private let compression: String?

    /// Takes a file by its name.
    ///
    /// - Throws: ``Failure`` of kind notFound where it is not there, of kind usage where its name says no format we read.
    public init(_ path: String) throws(Failure) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(.notFound, "there is no file \(path); name a CSV, JSON or Parquet file")
        }
        guard !isFolder.boolValue, FileManager.default.isReadableFile(atPath: path) else {
            throw Failure(
                .usage,
                isFolder.boolValue
                    ? "\(path) is a folder; name one CSV, JSON or Parquet file"
                    : "\(path) cannot be read; check its permissions")
        }
        var endings = path.lowercased().split(separator: "/").last?.split(separator: ".").dropFirst() ?? []
        let isPacked = ["gz", "zst"].contains(endings.last ?? "")
        if isPacked { endings.removeLast() }
        let ending: Format? =
            switch endings.last {
            case "csv", "tsv", "txt": .csv
            case "json", "ndjson", "jsonl": .json
            case "parquet" where !isPacked, "pq" where !isPacked: .parquet
            default: nil
            }
        guard let format = ending else {
            throw Failure(
                .usage,
                "the name of \(path) does not say what it holds; it must end in .csv, .tsv, .json, .ndjson (or these with "
                    + ".gz) or .parquet")
        }
        try self.init(path, as: path, format, compression: nil)
    }

    /// Takes a file that was received, and is called something else here than where it comes from.
    ///
    /// - Parameters:
    ///   - name: what errors call it.
    ///   - format: its format; where nil, its first bytes tell. Those tell in any case whether it is compressed.
    /// - Throws: ``Failure`` of kind input where it is empty, damaged or an archive, of kind usage for compressed Parquet.
    public init(received path: String, as name: String, format: Format?) throws {
        let head = try FileHead(path, name: name)
        guard !head.isArchive else {
            throw Failure(.input, "\(name) is an archive or a workbook; save its table as CSV and send that")
        }
        let format = format ?? head.format
        guard format != .parquet || head.compression == nil else {
            throw Failure(.usage, "\(name) is compressed Parquet; send it as it was before that")
        }
        try self.init(path, as: name, format, compression: head.compression)
    }

    private init(_ path: String, as name: String, _ format: Format, compression: String?) throws(Failure) {
        if try TableDisk.entry(path, name: path)?.size == 0 {
            throw Failure(.input, "\(name) is empty; a dataset needs at least the names of its columns")
        }
        (self.name, self.format, self.compression) = (name, format, compression)
        self.path = URL(filePath: path).standardizedFileURL.path
    }

    /// The path, with what a glob would take as its own made literal.
    var pattern: String { path.map { "[*?".contains($0) ? "[\($0)]" : String($0) }.joined() }

    /// SQL that reads the file whose pattern the variable `dataset_file` holds.
    ///
    /// - Parameter types: columns whose type is not guessed; CSV only.
    func relation(types: [TableColumn] = []) -> String {
        let file = "getvariable('dataset_file')"
        let packed = compression.map { ", compression = \(SQL.literal($0))" } ?? ""
        switch format {
        case .csv:
            let list = types.map { "\(SQL.literal($0.name)): \(SQL.literal($0.type.sql))" }
            let forced = list.isEmpty ? "" : ", types = {\(list.joined(separator: ", "))}"
            // Types are guessed from all rows: a guess from the first would fail far down.
            return "read_csv(\(file), sample_size = -1, hive_partitioning = false\(packed)\(forced))"
        case .json:
            return "read_json(\(file), sample_size = -1, hive_partitioning = false\(packed))"
        case .parquet:
            return "read_parquet(\(file), hive_partitioning = false)"
        }
    }
}

/// What the first bytes of a file say of it, unpacked where it is compressed.
private struct FileHead {
    let bytes: [UInt8]
    /// As DuckDB names it; nil for none.
    let compression: String?

    init(_ path: String, name: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TableDisk.failure("open", path) }
        defer { close(descriptor) }
        let decompressor = Decompressor(name: name, descriptor: descriptor)
        bytes = try [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            count = try decompressor.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        compression = decompressor.format.flatMap { $0 == .plain ? nil : $0.rawValue }
    }

    /// ZIP, as Excel and Numbers write their workbooks as well.
    var isArchive: Bool { bytes.starts(with: [0x50, 0x4b, 0x03, 0x04]) }

    var format: DatasetFile.Format {
        if bytes.starts(with: "PAR1".utf8) { return .parquet }
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        let first = text.first { !" \t\r\n".utf8.contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .json : .csv
    }
}

/// How a column of a file becomes one of a table.
struct DatasetColumn {
    /// The file's column.
    let source: String
    /// The table's column: the name as Delta's readers take it.
    let column: TableColumn
    /// SQL for the value.
    let expression: String

    /// The table's columns for a file's.
    static func columns(of result: [ResultColumn]) -> [DatasetColumn] {
        var taken: Set<String> = []
        return result.map { column in
            let base = cleaned(column.name)
            var name = base
            var number = 2
            // Delta compares names without regard to case.
            while !taken.insert(name.lowercased()).inserted {
                name = "\(base)_\(number)"
                number += 1
            }
            let quoted = SQL.identifier(column.name)
            guard let type = TableColumnType(dataset: column.type) else {
                return DatasetColumn(
                    source: column.name, column: TableColumn(name, .string),
                    expression: "CAST(to_json(\(quoted)) AS VARCHAR)")
            }
            return DatasetColumn(
                source: column.name, column: TableColumn(name, type),
                expression: "CAST(\(quoted) AS \(type.sql))")
        }
    }

    /// The file's columns in the places of the dataset's.
    ///
    /// - Returns: the columns, and those of the file that must be read as text.
    /// - Throws: ``Failure`` of kind refused that names the first column that differs.
    static func matching(
        _ incoming: [DatasetColumn], of file: DatasetFile, to schema: TableSchema, name: String
    ) throws(Failure) -> (columns: [DatasetColumn], forced: [TableColumn]) {
        var columns: [DatasetColumn] = []
        var forced: [TableColumn] = []
        var rest = incoming
        for wanted in schema.columns {
            let key = wanted.name.lowercased()
            guard let index = rest.firstIndex(where: { $0.column.name.lowercased() == key }) else {
                throw Failure(
                    .refused,
                    "\(file.name) has no column '\(wanted.name)', which dataset \(name) has; nothing was added"
                )
            }
            let found = rest.remove(at: index)
            // What looks like numbers in a CSV is text in a text column, as it stands: 02 stays 02.
            let isText = file.format == .csv && wanted.type == .string
            guard isText || wanted.type.takes(found.column.type) else {
                throw Failure(
                    .refused,
                    "column '\(wanted.name)' is \(found.column.type.deltaName) in \(file.name) and "
                        + "\(wanted.type.deltaName) in dataset \(name); nothing was added; replace the dataset to change the type"
                )
            }
            if isText, found.column.type != .string { forced.append(TableColumn(found.source, .string)) }
            let cast = "CAST(\(SQL.identifier(found.source)) AS \(wanted.type.sql))"
            let isSame = wanted.type == found.column.type
            columns.append(
                DatasetColumn(
                    source: found.source, column: wanted, expression: isSame ? found.expression : cast))
        }
        if let extra = rest.first {
            throw Failure(
                .refused,
                "\(file.name) has a column '\(extra.source)', which dataset \(name) has not; nothing was added; "
                    + "replace the dataset to change the columns")
        }
        return (columns, forced)
    }

    /// Spark and delta-rs refuse these characters in names of Parquet columns.
    static func cleaned(_ name: String) -> String {
        let trimmed = name.trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty ? "column" : String(trimmed.map { " ,;{}()\n\t=".contains($0) ? "_" : $0 })
    }
}

extension TableColumnType {
    /// The type of Delta that holds a type of DuckDB's; nil for structures whose fields Delta could not name.
    init?(dataset type: ColumnType) {
        switch type {
        case .scalar(let scalar): self = TableColumnType.of(scalar)
        case .decimal(let width, let scale): self = .other("decimal(\(width),\(scale))")
        case .enumeration, .unknown: self = .string
        case .list(let element), .array(let element, _):
            guard let inner = TableColumnType(dataset: element) else { return nil }
            self = .array(inner)
        case .map(let key, let value):
            guard let key = TableColumnType(dataset: key), let value = TableColumnType(dataset: value) else {
                return nil
            }
            self = .map(key, value)
        case .structure(let fields):
            var columns: [TableColumn] = []
            for field in fields {
                guard let inner = TableColumnType(dataset: field.type),
                    DatasetColumn.cleaned(field.name) == field.name
                else { return nil }
                columns.append(TableColumn(field.name, inner))
            }
            self = .structure(columns)
        case .union: return nil
        }
    }

    private static func of(_ scalar: ColumnType.Scalar) -> TableColumnType {
        switch scalar {
        case .boolean: .boolean
        case .tinyint, .smallint, .integer, .utinyint, .usmallint: .integer
        case .bigint, .uinteger: .long
        case .ubigint: .other("decimal(20,0)")
        case .hugeint, .uhugeint: .other("decimal(38,0)")
        case .float, .double: .double
        case .blob: .binary
        case .date: .date
        // A time without zone is taken as UTC.
        case .timestamp, .timestampSeconds, .timestampMilliseconds, .timestampNanoseconds, .timestampZoned:
            .timestamp
        case .text, .json, .bit, .bignum, .uuid, .time, .timeNanoseconds, .timeZoned, .interval, .null:
            .string
        }
    }

    /// Whether every value of `other` is one of this type too.
    func takes(_ other: TableColumnType) -> Bool {
        switch (self, other) {
        case _ where self == other: true
        case (.long, .integer), (.double, .integer), (.double, .long): true
        case (.other(let mine), .integer), (.other(let mine), .long):
            TableColumnType.wholeDigits(mine) >= (other == .integer ? 10 : 19)
        case (.other(let mine), .other(let theirs)):
            TableColumnType.wholeDigits(mine) >= TableColumnType.wholeDigits(theirs)
                && TableColumnType.scale(mine) >= TableColumnType.scale(theirs)
        default: false
        }
    }

    private static func numbers(_ decimal: String) -> [Int] {
        decimal.split { !$0.isNumber }.compactMap { Int($0) }
    }

    private static func scale(_ decimal: String) -> Int { numbers(decimal).dropFirst().first ?? 0 }

    private static func wholeDigits(_ decimal: String) -> Int {
        (numbers(decimal).first ?? 0) - scale(decimal)
    }

    /// The type as Delta names it.
    var deltaName: String { json.text ?? json["type"]?.text ?? json.line }
}
