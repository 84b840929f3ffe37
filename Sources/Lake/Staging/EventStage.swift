import Parquet
import Primitives
import SESEvents

/// What a staged event is compared by: see ``EventStage/keys``.
public struct EventKey: Sendable {
    /// The event's identity, `event_id` as a number.
    public let id: UInt128
    /// When it happened, microseconds since 1970.
    public let time: Int64
    /// Whether it is an identity notification; its event-publishing twin, which carries the tags, goes before it.
    public let isNotification: Bool
}

/// Decoded events in memory, on their way into Parquet files. Not for several threads: each decoder has its own.
public final class EventStage {
    /// The columns of `events`, as Parquet holds them.
    static let columns = EventColumn.allCases.map {
        LakeTables.declaration($0.name, $0.kind.shape)
    }

    /// The events' keys, in the order they came.
    public private(set) var keys: [EventKey] = []
    let batch: RowBatch
    private let encoder: RowGroupEncoder
    private let appenders: [ColumnAppender]

    /// An empty stage.
    ///
    /// - Throws: ``Failure`` of kind limit when there is no memory.
    public init() throws(Failure) {
        encoder = try RowGroupEncoder()
        let batch = RowBatch(Self.columns)
        self.batch = batch
        appenders = EventColumn.allCases.map { ColumnAppender($0, batch) }
    }

    /// Appends the event in `record`.
    public func append(_ record: EventRecord) {
        for appender in appenders { appender.append(record) }
        batch.endRow()
        keys.append(
            EventKey(
                id: record.identity, time: record.integer(.eventAt) ?? 0,
                isNotification: record.integer(.isNotification) == 1))
    }

    /// Encodes the events whose places are given as row groups, each partition's in the order of time.
    ///
    /// - Throws: ``Failure`` of kind limit when a column does not fit Parquet's limits.
    public func encode(
        _ places: [UInt32], by unit: PartitionUnit
    ) throws(Failure) -> [TimePartition: [RowGroup]] {
        var rows = places
        let isSorted = zip(rows, rows.dropFirst()).allSatisfy { keys[Int($0)].time <= keys[Int($1)].time }
        if !isSorted { rows.sort { (keys[Int($0)].time, $0) < (keys[Int($1)].time, $1) } }
        var groups: [TimePartition: [RowGroup]] = [:]
        var start = 0
        while start < rows.count {
            let partition = TimePartition(containing: keys[Int(rows[start])].time, unit: unit)
            var end = start + 1
            while end < rows.count, end - start < RowGroupSize.rows, keys[Int(rows[end])].time < partition.end
            {
                end += 1
            }
            let group = try rows[start..<end].withUnsafeBufferPointer { slice throws(Failure) in
                try encoder.encode(batch, rows: slice)
            }
            groups[partition, default: []].append(group)
            start = end
        }
        return groups
    }

    /// How many of the events each source brought, without those at `places`, ascending.
    public func sources(besides places: [UInt32]) -> [String: Int] {
        guard places.count < keys.count else { return [:] }
        let sources = batch.text(EventColumn.sourceName.rawValue)
        var (counts, rest): ([UInt32: Int], ArraySlice<UInt32>) = ([:], places[...])
        for row in keys.indices {
            if rest.first == UInt32(row) {
                rest.removeFirst()
            } else {
                counts[sources.pointee.code(row), default: 0] += 1
            }
        }
        counts[0] = nil
        return Dictionary(
            uniqueKeysWithValues: counts.map { code, count in
                (String(decoding: batch.dictionary.pointee.text(code), as: UTF8.self), count)
            })
    }

    /// Forgets the events.
    public func removeAll() {
        batch.removeAll()
        keys.removeAll(keepingCapacity: true)
    }
}

/// Copies one column of a record into the batch.
private enum ColumnAppender {
    case unique(EventColumn, UnsafeMutablePointer<TextColumn>)
    case text(EventColumn, UnsafeMutablePointer<TextColumn>)
    case number(EventColumn, UnsafeMutablePointer<NumberColumn>)
    case textList(EventColumn, UnsafeMutablePointer<TextListColumn>)
    case textListMap(EventColumn, UnsafeMutablePointer<TextListMapColumn>)
    case structureList(EventColumn, UnsafeMutablePointer<StructureListColumn>, width: Int)

    init(_ column: EventColumn, _ batch: RowBatch) {
        switch column.kind {
        case .text where column == .eventID: self = .unique(column, batch.text(column.rawValue))
        case .text: self = .text(column, batch.text(column.rawValue))
        case .timestamp, .integer, .boolean: self = .number(column, batch.number(column.rawValue))
        case .textList: self = .textList(column, batch.textList(column.rawValue))
        case .textListMap: self = .textListMap(column, batch.textListMap(column.rawValue))
        case .structureList(let fields):
            self = .structureList(column, batch.structureList(column.rawValue), width: fields.count)
        }
    }

    @inline(__always)
    func append(_ record: EventRecord) {
        switch self {
        case .unique(let column, let target):
            if let text = record.text(column) {
                target.pointee.appendUnique(text.base, text.count)
            } else {
                target.pointee.appendNull()
            }
        case .text(let column, let target):
            if let text = record.text(column) {
                target.pointee.append(text.base, text.count)
            } else {
                target.pointee.appendNull()
            }
        case .number(let column, let target): target.pointee.append(record.integer(column))
        case .textList(let column, let target):
            let run = record.run(column)
            target.pointee.appendList(count: run?.count)
            for item in record.items(run) { target.pointee.appendElement(item?.base, item?.count ?? 0) }
        case .textListMap(let column, let target):
            let run = record.run(column)
            target.pointee.appendMap(count: run?.count)
            for entry in record.entries(run) {
                target.pointee.appendEntry(entry.key.base, entry.key.count, valueCount: entry.values.count)
                for item in record.items(entry.values) {
                    target.pointee.appendValue(item?.base, item?.count ?? 0)
                }
            }
        case .structureList(let column, let target, let width):
            let run = record.run(column)
            target.pointee.appendList(count: run?.count)
            for item in record.fields(run, width: width) {
                target.pointee.appendField(item?.base, item?.count ?? 0)
            }
        }
    }
}

extension EventColumn.Kind {
    fileprivate var shape: ColumnDeclaration.Shape {
        switch self {
        case .text: .text
        case .timestamp: .timestamp
        case .integer: .integer
        case .boolean: .boolean
        case .textList: .textList
        case .textListMap: .textListMap
        case .structureList(let fields): .structureList(fields)
        }
    }
}
