import Primitives

@testable import SESEvents

/// The columns of one decoded record that are not null, as text.
func decode(_ json: String, context: EventDecoder.Context = .example) throws -> [String: String] {
    let decoder = EventDecoder()
    let outcome = try decode(json, with: decoder, context: context)
    guard outcome == .event else { throw NotAnEvent(outcome: outcome) }
    return columns(of: decoder.record)
}

func decode(
    _ json: String, with decoder: EventDecoder, context: EventDecoder.Context = .example
) throws -> EventDecoder.Outcome {
    var bytes = Array(json.utf8)
    let count = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: 64))
    return try bytes.withUnsafeBytes {
        try decoder.decode(UnsafeRawBufferPointer(rebasing: $0[..<count]), context: context)
    }
}

struct NotAnEvent: Error { let outcome: EventDecoder.Outcome }

extension EventDecoder.Context {
    static let example = EventDecoder.Context(
        receivedAt: Timestamp(microseconds: 1_785_600_000_000_000), sourceName: "import",
        origin: "example.json")
}

private func columns(of record: EventRecord) -> [String: String] {
    var columns: [String: String] = [:]
    for column in EventColumn.allCases where !record.isNull(column) {
        columns[column.name] = describe(record, column)
    }
    return columns
}

private func describe(_ record: EventRecord, _ column: EventColumn) -> String? {
    switch column.kind {
    case .text: return record.text(column)?.string
    case .timestamp: return record.integer(column).map { Timestamp(microseconds: $0).iso8601 }
    case .integer: return record.integer(column).map(String.init)
    case .boolean: return record.integer(column).map { $0 == 1 ? "true" : "false" }
    case .textList: return "[" + record.texts(column).map(\.string).joined(separator: ", ") + "]"
    case .textListMap:
        guard let run = record.run(column) else { return nil }
        return record.entries[run.start..<run.start + run.count].map { entry in
            let values = record.items[entry.values.start..<entry.values.start + entry.values.count]
            return entry.key.string + "=" + values.map { $0?.string ?? "∅" }.joined(separator: "+")
        }.joined(separator: " ")
    case .structureList(let fields):
        guard let run = record.run(column) else { return nil }
        return (0..<run.count).map { row in
            record.items[run.start + row * fields.count..<run.start + (row + 1) * fields.count]
                .map { $0?.string ?? "∅" }.joined(separator: "|")
        }.joined(separator: "; ")
    }
}
