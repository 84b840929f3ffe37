import EventLog
import Lake

/// Which records of the log belong to tables of their own: those of streams that have one.
///
/// What is known of the tables is as old as the batch at most, and a stream that is not known is asked for again: whoever
/// makes a table before the first record is put finds its rows there.
struct StreamRoutes {
    private var tables: [String: StreamTable] = [:]
    private var strangers: Set<String> = []
    private var isFresh = false

    /// Records that wait for the commit, and which were left to the events.
    struct Division {
        var events: [LoggedRecord] = []
        /// By the table's name.
        var streams: [String: [LoggedRecord]] = [:]
    }

    /// Forgets what is known, for the next batch.
    mutating func expire() { (isFresh, strangers) = (false, []) }

    /// Divides records, and leaves out those that their table has already.
    mutating func divide(_ records: [LoggedRecord], of lake: EventLake) async throws -> Division {
        var division = Division()
        for record in records {
            guard let stream = record.stream, let table = try await table(of: stream, in: lake) else {
                division.events.append(record)
                continue
            }
            if record.offset >= table.offset { division.streams[table.name, default: []].append(record) }
        }
        return division
    }

    private mutating func table(of stream: String, in lake: EventLake) async throws -> StreamTable? {
        if isFresh, let table = tables[stream] { return table }
        if isFresh, strangers.contains(stream) { return nil }
        tables = Dictionary(try await lake.streamTables().map { ($0.stream, $0) }) { first, _ in first }
        isFresh = true
        if tables[stream] == nil { strangers.insert(stream) }
        return tables[stream]
    }
}

extension LoggedRecord {
    /// The stream that it was put into.
    var stream: String? { record.origin.first { $0.name == AttributeName.stream }?.value }
}
