import DuckDB
import Foundation
import Parquet
import Primitives

/// Files of a table merged into one, sorted by time, by Sesame's own encoder.
///
/// DuckDB's COPY takes many times as long for rows of a hundred columns, and its sort of lists of structures longer still.
/// So the rows are read a slice of time after the other: each becomes a row group, sorted by itself. Files are sorted
/// already, so statistics keep DuckDB from reading much of them twice, and memory is bounded by a slice.
struct SortedMerge {
    /// About how many rows a row group has.
    var rowGroupRows = RowGroupSize.rows

    /// A relation in SQL: the files.
    let source: String
    let columns: [ColumnDeclaration]
    /// The place of the column of time among the columns.
    private let timeColumn: Int

    /// A merge of `source` into columns of `schema`; nil where the encoder lacks a type of it, or `time` is no instant.
    init?(of source: String, schema: TableSchema, by time: String) {
        let columns = schema.fileColumns.compactMap { column in
            column.type.shape.map { LakeTables.declaration(column.name, $0) }
        }
        guard columns.count == schema.fileColumns.count,
            let place = columns.firstIndex(where: { $0.name == time && $0.shape == .timestamp })
        else { return nil }
        (self.source, self.columns, timeColumn) = (source, columns, place)
    }

    /// Writes the file. It is not yet synced to the disk.
    ///
    /// - Returns: how many rows it has.
    func write(to path: String, on connection: Connection) async throws -> Int64 {
        try await connection.perform { connection in try write(to: path, on: connection) }
    }

    private func write(to path: String, on connection: isolated Connection) throws -> Int64 {
        let bounds = try bounds(on: connection)
        let select = try selection(on: connection)
        let copier = RowCopier(columns)
        let encoder = try RowGroupEncoder(level: 3)
        let writer = try ParquetWriter(columns, to: path)
        for place in 0...bounds.count {
            copier.batch.removeAll()
            let slice = slice(place, of: bounds)
            try connection.stream("SELECT \(select) FROM \(source)\(slice)") { chunk in
                copier.append(chunk)
                return true
            }
            let group = try sortedRows(copier.batch).withUnsafeBufferPointer { rows throws(Failure) in
                try encoder.encode(copier.batch, rows: rows)
            }
            try writer.append(group)
        }
        return Int64(try writer.finish())
    }

    /// The first instant of each slice but the first.
    private func bounds(on connection: isolated Connection) throws -> [Int64] {
        let time = "epoch_us(\(SQL.identifier(columns[timeColumn].name)))"
        let count = try connection.rows("SELECT count(*) FROM \(source)")[0][0].integer ?? 0
        let slices = (Int(count) + rowGroupRows - 1) / rowGroupRows
        guard slices > 1 else { return [] }
        let rows = try connection.rows(SQL.bounds(ofSlices: slices, by: time, in: source))
        return rows.compactMap { $0[0].integer }
    }

    private func slice(_ place: Int, of bounds: [Int64]) -> String {
        let time = SQL.identifier(columns[timeColumn].name)
        var conditions: [String] = []
        if place > 0 { conditions.append("\(time) >= make_timestamptz(\(bounds[place - 1]))") }
        if place < bounds.count { conditions.append("\(time) < make_timestamptz(\(bounds[place]))") }
        guard !conditions.isEmpty else { return "" }
        let inside = conditions.joined(separator: " AND ")
        return place == 0 ? " WHERE (\(inside)) OR \(time) IS NULL" : " WHERE \(inside)"
    }

    /// The columns as the encoder takes them; a file of an older Sesame may lack some.
    private func selection(on connection: isolated Connection) throws -> String {
        let present = Set(try connection.columns("FROM \(source)").map(\.name))
        return columns.map { column in
            let name = SQL.identifier(column.name)
            return "CAST(\(present.contains(column.name) ? name : "NULL") AS \(column.shape.sql)) AS \(name)"
        }
        .joined(separator: ", ")
    }

    private func sortedRows(_ batch: RowBatch) -> [UInt32] {
        let times = batch.number(timeColumn)
        let keys = (0..<batch.rowCount).map { times.pointee.value($0) ?? .min }
        var rows = (0..<UInt32(batch.rowCount)).map { $0 }
        let isSorted = zip(keys, keys.dropFirst()).allSatisfy { $0 <= $1 }
        if !isSorted { rows.sort { (keys[Int($0)], $0) < (keys[Int($1)], $1) } }
        return rows
    }
}

extension TableColumnType {
    /// What the encoder calls the type; nil where it has no such column.
    fileprivate var shape: ColumnDeclaration.Shape? {
        switch self {
        case .string: return .text
        case .long: return .integer
        case .timestamp: return .timestamp
        case .boolean: return .boolean
        case .array(.string): return .textList
        case .map(.string, .array(.string)): return .textListMap
        case .array(.structure(let fields)):
            guard fields.allSatisfy({ $0.type == .string }) else { return nil }
            return .structureList(fields.map(\.name))
        default: return nil
        }
    }
}

extension ColumnDeclaration.Shape {
    fileprivate var sql: String {
        switch self {
        case .text: "VARCHAR"
        case .integer: "BIGINT"
        case .timestamp: "TIMESTAMPTZ"
        case .boolean: "BOOLEAN"
        case .textList: "VARCHAR[]"
        case .textListMap: "MAP(VARCHAR, VARCHAR[])"
        case .structureList(let fields):
            "STRUCT(" + fields.map { SQL.identifier($0) + " VARCHAR" }.joined(separator: ", ") + ")[]"
        }
    }
}
