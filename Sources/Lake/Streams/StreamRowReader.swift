import Primitives
import Scanning

/// Why a record of a stream has no row.
struct StreamRefusal: Error {
    var reason: String
}

/// Turns a record into the values of the declared columns and the JSON of what no column takes.
///
/// Where a record names a member twice, the last one counts. Members that no column takes go by their path, such as
/// `item.colour` or `items[0].colour`; the same record gives the same JSON whatever the order of its members.
struct StreamRowReader {
    /// What stands at a place of a record.
    private indirect enum Shape {
        case scalar(TableColumnType)
        case list(Shape)
        case map(TableColumnType, Shape)
        case structure(Fields)
    }

    /// The fields of a structure, by the names of their members.
    private struct Fields {
        var places: [String: Int] = [:]
        var shapes: [Shape] = []
    }

    private let fields: Fields
    private let options: StreamOptions
    private var extra: [(path: String, value: [UInt8])] = []

    init(_ columns: [TableColumn], _ options: StreamOptions) {
        self.options = options
        fields = Self.fields(columns, options, mappings: options.mappings)
    }

    private static func fields(
        _ columns: [TableColumn], _ options: StreamOptions, mappings: [String: String] = [:]
    ) -> Fields {
        let mapped = Dictionary(mappings.map { ($0.key.lowercased(), $0.value) }) { $1 }
        var fields = Fields()
        for (index, column) in columns.enumerated() {
            let member = mapped[column.name.lowercased()] ?? column.name
            fields.places[options.caseInsensitive ? member.lowercased() : member] = index
            fields.shapes.append(shape(column.type, options))
        }
        return fields
    }

    private static func shape(_ type: TableColumnType, _ options: StreamOptions) -> Shape {
        switch type {
        case .array(let element): .list(shape(element, options))
        case .map(let key, let value): .map(key, shape(value, options))
        case .structure(let columns): .structure(fields(columns, options))
        default: .scalar(type)
        }
    }

    /// Reads a record, which must be valid JSON.
    ///
    /// - Returns: a value for each column, and the rest as a JSON object; nil if there is none.
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(StreamRefusal) -> (
        values: [StreamValue], extra: [UInt8]?
    ) {
        extra.removeAll(keepingCapacity: true)
        let values = try structure(bytes, fields, path: "")
        guard !extra.isEmpty else { return (values, nil) }
        var (text, last): ([UInt8], String?) = ([Ascii.openBrace], nil)
        for (path, value) in Dictionary(extra, uniquingKeysWith: { $1 })
            .sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        {
            if last != nil { text.append(Ascii.comma) }
            last = path
            JSONText.quote(path.utf8, into: &text)
            text.append(Ascii.colon)
            text += value
        }
        text.append(Ascii.closeBrace)
        return (values, text)
    }

    private mutating func structure(
        _ bytes: UnsafeRawBufferPointer, _ fields: Fields, path: String
    ) throws(StreamRefusal) -> [StreamValue] {
        var values = [StreamValue](repeating: .null, count: fields.shapes.count)
        var refusal: StreamRefusal?
        let isObject = JSONScanner.members(of: bytes) { key, value in
            let name = Self.text(key)
            do throws(StreamRefusal) {
                if let place = fields.places[place(of: name)] {
                    values[place] = try self.value(value, fields.shapes[place], path: path + name)
                } else {
                    extra.append((path + name, Array(value.bytes)))
                }
            } catch { refusal = error }
            return refusal == nil
        }
        if let refusal { throw refusal }
        guard isObject else { throw StreamRefusal(reason: "it is no JSON object") }
        return values
    }

    private func place(of name: String) -> String {
        var name = name
        if options.dotsToUnderscores { name = name.replacing(".", with: "_") }
        return options.caseInsensitive ? name.lowercased() : name
    }

    private mutating func value(
        _ value: JSONScanner.Value, _ shape: Shape, path: String
    ) throws(StreamRefusal) -> StreamValue {
        if value.kind == .other, value.bytes.elementsEqual("null".utf8) { return .null }
        switch shape {
        case .scalar(let type):
            let text = value.kind == .string ? value.text() : Array(value.bytes)
            guard let text, let read = StreamScalar.value(text, type) else {
                throw Self.refusal(value, path, type.hiveName)
            }
            return read
        case .list(let element): return try list(value, element, path)
        case .map(let key, let element): return try map(value, key, element, path)
        case .structure(let fields):
            guard value.kind == .object else { throw Self.refusal(value, path, "struct") }
            return .structure(try structure(value.bytes, fields, path: path + "."))
        }
    }

    private mutating func list(
        _ value: JSONScanner.Value, _ shape: Shape, _ path: String
    ) throws(StreamRefusal) -> StreamValue {
        guard value.kind == .array else { throw Self.refusal(value, path, "array") }
        var (elements, refusal): ([StreamValue], StreamRefusal?) = ([], nil)
        _ = JSONScanner.elements(of: value.bytes) { element in
            do throws(StreamRefusal) {
                elements.append(try self.value(element, shape, path: "\(path)[\(elements.count)]"))
            } catch { refusal = error }
            return refusal == nil
        }
        if let refusal { throw refusal }
        return .list(elements)
    }

    private mutating func map(
        _ value: JSONScanner.Value, _ keyType: TableColumnType, _ shape: Shape, _ path: String
    ) throws(StreamRefusal) -> StreamValue {
        guard value.kind == .object else { throw Self.refusal(value, path, "map") }
        var (entries, places): ([StreamValue.Entry], [StreamValue: Int]) = ([], [:])
        var refusal: StreamRefusal?
        _ = JSONScanner.members(of: value.bytes) { key, element in
            let name = Self.text(key)
            do throws(StreamRefusal) {
                guard let key = StreamScalar.value(Array(name.utf8), keyType) else {
                    throw StreamRefusal(
                        reason: "the key '\(name.prefix(40))' of \(path) is no \(keyType.hiveName)")
                }
                let entry = StreamValue.Entry(
                    key: key, value: try self.value(element, shape, path: "\(path).\(name)"))
                if let place = places.updateValue(places[key] ?? entries.count, forKey: key) {
                    entries[place] = entry
                } else {
                    entries.append(entry)
                }
            } catch { refusal = error }
            return refusal == nil
        }
        if let refusal { throw refusal }
        return .map(entries)
    }

    /// A key as it reads; most have no escape.
    private static func text(_ key: UnsafeRawBufferPointer) -> String {
        guard key.contains(Ascii.backslash), let decoded = JSONText.decode(key) else {
            return String(decoding: key, as: UTF8.self)
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func refusal(_ value: JSONScanner.Value, _ path: String, _ type: String) -> StreamRefusal {
        let bytes = value.bytes.prefix(60)
        let shown = String(decoding: bytes, as: UTF8.self) + (bytes.count < value.bytes.count ? "…" : "")
        return StreamRefusal(reason: "\(path) is \(shown), which is no \(type)")
    }
}
