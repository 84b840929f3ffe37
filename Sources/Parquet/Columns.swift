/// Where a row's elements stand in a column of lists; a null list counts -1.
struct Run: BitwiseCopyable {
    var start: UInt32
    var count: Int32

    static let null = Run(start: 0, count: -1)
    var range: Range<Int> { Int(start)..<Int(start) + max(0, Int(count)) }
}

/// Texts, a code a row.
public struct TextColumn: ~Copyable {
    var dictionary = TextDictionary()
    var codes = GrowingBuffer<UInt32>()

    /// Appends a text, valid UTF-8.
    public mutating func append(_ text: UnsafePointer<UInt8>, _ count: Int) {
        codes.append(dictionary.code(text, count))
    }

    /// Appends a null.
    @inline(__always)
    public mutating func appendNull() { codes.append(0) }
}

/// Whole numbers, instants in microseconds, or booleans as 0 and 1.
public struct NumberColumn: ~Copyable {
    var values = GrowingBuffer<Int64>()
    var isPresent = GrowingBuffer<UInt8>()

    /// Appends a value, or a null.
    @inline(__always)
    public mutating func append(_ value: Int64?) {
        values.append(value ?? 0)
        isPresent.append(value == nil ? 0 : 1)
    }
}

/// Lists of texts.
public struct TextListColumn: ~Copyable {
    var runs = GrowingBuffer<Run>()
    var dictionary = TextDictionary()
    var codes = GrowingBuffer<UInt32>()

    /// Appends a list of `count` elements, each of which follows by ``appendElement(_:_:)``; nil appends a null.
    public mutating func appendList(count: Int?) {
        runs.append(count.map { Run(start: UInt32(codes.count), count: Int32($0)) } ?? .null)
    }

    /// Appends an element to the last list; no address is a null.
    public mutating func appendElement(_ text: UnsafePointer<UInt8>?, _ count: Int) {
        codes.append(text.map { dictionary.code($0, count) } ?? 0)
    }
}

/// Maps from a text to a list of texts.
public struct TextListMapColumn: ~Copyable {
    var runs = GrowingBuffer<Run>()
    var keys = TextDictionary()
    var keyCodes = GrowingBuffer<UInt32>()
    var values = TextListColumn()

    /// Appends a map of `count` entries, each of which follows by ``appendEntry(_:_:valueCount:)``; nil appends a null.
    public mutating func appendMap(count: Int?) {
        runs.append(count.map { Run(start: UInt32(keyCodes.count), count: Int32($0)) } ?? .null)
    }

    /// Appends an entry whose values follow by ``appendValue(_:_:)``.
    public mutating func appendEntry(_ key: UnsafePointer<UInt8>, _ count: Int, valueCount: Int) {
        keyCodes.append(keys.code(key, count))
        values.appendList(count: valueCount)
    }

    /// Appends a value to the last entry; no address is a null.
    public mutating func appendValue(_ text: UnsafePointer<UInt8>?, _ count: Int) {
        values.appendElement(text, count)
    }
}

/// Lists of structures whose fields are texts.
public struct StructureListColumn: ~Copyable {
    let width: Int
    var runs = GrowingBuffer<Run>()
    /// A dictionary a field.
    let dictionaries: UnsafeMutablePointer<TextDictionary>
    /// The fields of an element stand side by side.
    var codes = GrowingBuffer<UInt32>()

    init(width: Int) {
        self.width = width
        dictionaries = .allocate(capacity: width)
        for field in 0..<width { (dictionaries + field).initialize(to: TextDictionary()) }
    }

    deinit {
        dictionaries.deinitialize(count: width)
        dictionaries.deallocate()
    }

    /// Appends a list of `count` structures, whose fields follow in order by ``appendField(_:_:_:)``; nil appends a null.
    public mutating func appendList(count: Int?) {
        runs.append(count.map { Run(start: UInt32(codes.count / width), count: Int32($0)) } ?? .null)
    }

    /// Appends a field of the last list; no address is a null.
    public mutating func appendField(_ field: Int, _ text: UnsafePointer<UInt8>?, _ count: Int) {
        codes.append(text.map { dictionaries[field].code($0, count) } ?? 0)
    }
}
