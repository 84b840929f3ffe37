import DuckDB
import Parquet
import Primitives
import TestSupport

/// Rows of every shape, as values, and the same rows in a batch.
struct RandomRows {
    static let columns: [ColumnDeclaration] = [
        .init("id", .integer), .init("name", .text, isLookedUp: true), .init("at", .timestamp),
        .init("flag", .boolean),
        .init("labels", .textList), .init("tags", .textListMap),
        .init("headers", .structureList(["name", "value"])),
        .init("nothing", .text, isLookedUp: true), .init("same", .text, isLookedUp: true),
    ]

    /// How many distinct texts there are at most, which decides how they are encoded.
    let variety: Int
    var generator: SeededGenerator

    init(seed: UInt64, variety: Int) {
        self.variety = variety
        generator = SeededGenerator(state: seed)
    }

    mutating func rows(_ count: Int) -> [[Value]] { (0..<count).map { row(Int64($0)) } }

    private mutating func row(_ id: Int64) -> [Value] {
        [
            .integer(id), text(), chance(4) ? .null : .timestamp(Timestamp(microseconds: number())),
            chance(3) ? .null : .boolean(chance(2)), list(), map(), structures(), .null, "eu-west-1",
        ]
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }

    private mutating func number() -> Int64 {
        let bits = Int.random(in: 0..<51, using: &generator)
        return Int64.random(in: -(1 << bits)...(1 << bits), using: &generator)
    }

    private mutating func text() -> Value {
        let number = Int.random(in: 0...variety, using: &generator)
        switch number % 7 {
        case 0: return .null
        case 1: return ""
        case 2: return .text("ü\u{0}\n\(number)")
        case 3: return .text(String(repeating: "long ", count: number % 90))
        default: return .text("value \(number)")
        }
    }

    private mutating func some(_ make: (inout Self) -> Value) -> [Value] {
        (0..<Int.random(in: 0..<4, using: &generator)).map { _ in make(&self) }
    }

    private mutating func list() -> Value { chance(5) ? .null : .list(some { $0.text() }) }

    private mutating func map() -> Value {
        if chance(5) { return .null }
        let count = Int.random(in: 0..<4, using: &generator)
        return .map(
            (0..<count).map { .init(key: .text("ses:key-\($0)"), value: .list(some { $0.text() })) })
    }

    private mutating func structures() -> Value {
        if chance(5) { return .null }
        return .list(
            some {
                .structure([.init(name: "name", value: $0.text()), .init(name: "value", value: $0.text())])
            })
    }
}

extension RowBatch {
    /// Appends rows of the columns of ``RandomRows``.
    func append(_ rows: [[Value]]) {
        for row in rows {
            for (index, value) in row.enumerated() { append(value, to: index) }
            endRow()
        }
    }

    private func append(_ value: Value, to column: Int) {
        switch columns[column].shape {
        case .text:
            if value == .null { text(column).pointee.appendNull() }
            withBytes(value) { bytes, count in bytes.map { text(column).pointee.append($0, count) } }
        case .integer, .timestamp, .boolean: number(column).pointee.append(value.number)
        case .textList:
            textList(column).pointee.appendList(count: value.elements?.count)
            for element in value.elements ?? [] {
                withBytes(element) { textList(column).pointee.appendElement($0, $1) }
            }
        case .textListMap: appendMap(value, to: column)
        case .structureList:
            structureList(column).pointee.appendList(count: value.elements?.count)
            for case .structure(let fields) in value.elements ?? [] {
                for field in fields {
                    withBytes(field.value) { structureList(column).pointee.appendField($0, $1) }
                }
            }
        }
    }

    private func appendMap(_ value: Value, to column: Int) {
        guard case .map(let pairs) = value else { return textListMap(column).pointee.appendMap(count: nil) }
        textListMap(column).pointee.appendMap(count: pairs.count)
        for pair in pairs {
            let values = pair.value.elements ?? []
            withBytes(pair.key) { bytes, count in
                bytes.map { textListMap(column).pointee.appendEntry($0, count, valueCount: values.count) }
            }
            for value in values { withBytes(value) { textListMap(column).pointee.appendValue($0, $1) } }
        }
    }

    private func withBytes<R>(_ value: Value, _ body: (UnsafePointer<UInt8>?, Int) -> R) -> R {
        guard var text = value.text else { return body(nil, 0) }
        return text.withUTF8 { body($0.baseAddress, $0.count) }
    }
}

extension Value {
    fileprivate var elements: [Value]? { if case .list(let elements) = self { elements } else { nil } }

    fileprivate var number: Int64? {
        switch self {
        case .integer(let number): number
        case .timestamp(let instant): instant.microseconds
        case .boolean(let flag): flag ? 1 : 0
        default: nil
        }
    }
}
