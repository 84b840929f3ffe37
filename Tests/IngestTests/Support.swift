import Primitives
import TestSupport

@testable import Ingest

/// What a consumer ends up with after it has asked again about every line that it could not read.
struct Reading: Equatable {
    var records: [String] = []
    var recordPlaces: [Place] = []
    var refusals: [String] = []
    var refusalPlaces: [Place] = []
    var reasons: [Refusal.Reason] = []

    struct Place: Equatable {
        var offset: Int
        var line: Int
    }
}

/// Splits `text` cut into windows whose growth `nextSize` chooses, as a reader does, and resolves what is not exact.
func read(
    _ text: [UInt8], limits: SplitLimits = SplitLimits(), nextSize: () -> Int = { Int.max }
) -> Reading {
    var splitter = RecordSplitter(limits: limits)
    var reading = Reading()
    var start = 0
    var end = 0
    while true {
        let size = nextSize()
        end = size >= text.count - end ? text.count : end + size
        let isLast = end == text.count
        text[start..<end].withUnsafeBytes { window in
            var output = SplitRecords()
            let base = splitter.streamOffset
            precondition(base == start, "the splitter and the reader must agree on the place")
            start += splitter.split(window, isLast: isLast, into: &output)
            reading.add(resolve(output, window, limits), window)
        }
        if isLast { break }
    }
    precondition(start == text.count, "the last window must be used up")
    return reading
}

func read(_ text: String, limits: SplitLimits = SplitLimits(), nextSize: () -> Int = { Int.max }) -> Reading {
    read(Array(text.utf8), limits: limits, nextSize: nextSize)
}

extension Reading {
    mutating func add(_ output: SplitRecords, _ window: UnsafeRawBufferPointer) {
        for record in output.records {
            records.append(String(decoding: window[record.range], as: UTF8.self))
            recordPlaces.append(Place(offset: record.streamOffset, line: record.line))
        }
        for refusal in output.refusals {
            refusals.append(String(decoding: refusal.bytes, as: UTF8.self))
            refusalPlaces.append(Place(offset: refusal.streamOffset, line: refusal.line))
            reasons.append(refusal.reason)
        }
    }
}

/// Stands for the parser: a line is one record if the exact way says so.
func resolve(_ output: SplitRecords, _ window: UnsafeRawBufferPointer, _ limits: SplitLimits) -> SplitRecords
{
    var resolved = SplitRecords()
    var refusals = output.refusals
    for record in output.records {
        if record.isExact {
            resolved.records.append(record)
        } else {
            let inside = RecordSplitter.resplit(record, window, limits: limits)
            resolved.records += inside.records
            refusals += inside.refusals
        }
    }
    resolved.refusals = refusals.sorted { $0.streamOffset < $1.streamOffset }
    return resolved
}

/// A random JSON object whose strings hold all that could mislead a splitter.
func randomObject(_ generator: inout SeededGenerator, depth: Int = 0) -> JSONTree {
    let count = Int.random(in: 0...4, using: &generator)
    return .object(
        (0..<count).map { _ in (randomText(&generator), randomTree(&generator, depth: depth + 1)) })
}

private func randomTree(_ generator: inout SeededGenerator, depth: Int) -> JSONTree {
    switch Int.random(in: 0...(depth > 4 ? 2 : 5), using: &generator) {
    case 0:
        .scalar(
            ["null", "true", "-1.5e+3", "0", "12345678901234567890"].randomElement(using: &generator) ?? "0")
    case 1, 2: .scalar(randomText(&generator))
    case 3:
        .array(
            (0..<Int.random(in: 0...3, using: &generator)).map { _ in randomTree(&generator, depth: depth + 1)
            })
    default: randomObject(&generator, depth: depth)
    }
}

/// A quoted string.
private func randomText(_ generator: inout SeededGenerator) -> String {
    let pieces = [
        "a", "{", "}", "[", "]", ",", ":", "}{", "},{", "\\\"", "\\\\", "\\n", "\\u007b", "ü", "日本", "😀", " ",
        "\t",
        "\\\\\\\"", "http://example.com/?a=b", "eventType", "\u{feff}",
    ]
    let count = Int.random(in: 0...12, using: &generator)
    return "\"" + (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined() + "\""
}

/// JSON that can be written in several ways.
indirect enum JSONTree {
    case scalar(String)
    case array([JSONTree])
    case object([(key: String, value: JSONTree)])

    var compact: String {
        switch self {
        case .scalar(let text): text
        case .array(let items): "[" + items.map(\.compact).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { $0.key + ":" + $0.value.compact }.joined(separator: ",") + "}"
        }
    }

    /// Over many lines; where brackets and commas stand differs from call to call.
    func pretty(_ generator: inout SeededGenerator, indent: Int = 0) -> String {
        let pad = String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        let comma = Bool.random(using: &generator) ? ",\n" + pad : "\n" + pad + ", "
        switch self {
        case .scalar(let text): return text
        case .array(let items):
            if items.isEmpty { return "[]" }
            let lines = items.map { $0.pretty(&generator, indent: indent + 2) }
            return "[\n" + pad + lines.joined(separator: comma) + end + "]"
        case .object(let members):
            if members.isEmpty { return "{}" }
            let colon = Bool.random(using: &generator) ? ": " : " :\n" + pad
            let lines = members.map { $0.key + colon + $0.value.pretty(&generator, indent: indent + 2) }
            let isOpenOnOwnLine = Bool.random(using: &generator)
            return (isOpenOnOwnLine ? "{\n" + pad : "{ ") + lines.joined(separator: comma) + end + "}"
        }
    }
}
