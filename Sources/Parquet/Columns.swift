/// Where a row's elements stand in a column of lists; a null list counts -1.
struct Run: BitwiseCopyable {
    var start: UInt32
    var count: Int32

    static let null = Run(start: 0, count: -1)
    var range: Range<Int> { Int(start)..<Int(start) + max(0, Int(count)) }
}

/// Texts, a code of the batch's dictionary a row.
public struct TextColumn: ~Copyable {
    let dictionary: UnsafeMutablePointer<TextDictionary>
    private(set) var codes = GrowingBuffer<UInt32>()
    private var latest: UInt32 = 0

    init(_ dictionary: UnsafeMutablePointer<TextDictionary>) { self.dictionary = dictionary }

    /// The row's code in the batch's dictionary; 0 for null.
    @inline(__always)
    public func code(_ row: Int) -> UInt32 { codes[row] }

    /// Appends a text, valid UTF-8.
    public mutating func append(_ text: UnsafePointer<UInt8>, _ count: Int) {
        latest = dictionary.pointee.code(text, count, guess: latest)
        codes.append(latest)
    }

    /// Appends a text that no other row has.
    public mutating func appendUnique(_ text: UnsafePointer<UInt8>, _ count: Int) {
        codes.append(dictionary.pointee.appendUnique(text, count))
    }

    /// Appends a null.
    public mutating func appendNull() { codes.append(0) }

    mutating func removeAll() {
        latest = 0
        codes.removeAll()
    }
}

/// Whole numbers, instants in microseconds, or booleans as 0 and 1.
public struct NumberColumn: ~Copyable {
    private(set) var values = GrowingBuffer<Int64>()
    private(set) var isPresent = GrowingBuffer<UInt8>()

    /// The row's value; nil for null.
    public func value(_ row: Int) -> Int64? { isPresent[row] == 0 ? nil : values[row] }

    /// Appends a value, or a null.
    public mutating func append(_ value: Int64?) {
        values.append(value ?? 0)
        isPresent.append(value == nil ? 0 : 1)
    }

    mutating func removeAll() {
        values.removeAll()
        isPresent.removeAll()
    }
}

/// Lists of texts.
public struct TextListColumn: ~Copyable {
    let dictionary: UnsafeMutablePointer<TextDictionary>
    private(set) var runs = GrowingBuffer<Run>()
    private(set) var codes = GrowingBuffer<UInt32>()
    private var latest: UInt32 = 0

    init(_ dictionary: UnsafeMutablePointer<TextDictionary>) { self.dictionary = dictionary }

    /// How many elements the row's list has; nil for a null.
    public func count(_ row: Int) -> Int? {
        let count = runs[row].count
        return count < 0 ? nil : Int(count)
    }

    /// The code of an element of the row's list; 0 for null.
    public func code(_ row: Int, _ element: Int) -> UInt32 { codes[Int(runs[row].start) + element] }

    /// Appends a list of `count` elements, each of which follows by ``appendElement(_:_:)``; nil appends a null.
    public mutating func appendList(count: Int?) {
        runs.append(count.map { Run(start: UInt32(codes.count), count: Int32($0)) } ?? .null)
    }

    /// Appends an element to the last list; no address is a null.
    public mutating func appendElement(_ text: UnsafePointer<UInt8>?, _ count: Int) {
        guard let text else { return codes.append(0) }
        latest = dictionary.pointee.code(text, count, guess: latest)
        codes.append(latest)
    }

    mutating func removeAll() {
        latest = 0
        runs.removeAll()
        codes.removeAll()
    }
}

/// Maps from a text to a list of texts.
public struct TextListMapColumn: ~Copyable {
    let dictionary: UnsafeMutablePointer<TextDictionary>
    private(set) var runs = GrowingBuffer<Run>()
    private(set) var keyCodes = GrowingBuffer<UInt32>()
    private(set) var values: TextListColumn

    init(_ dictionary: UnsafeMutablePointer<TextDictionary>) {
        self.dictionary = dictionary
        values = TextListColumn(dictionary)
    }

    /// Appends a map of `count` entries, each of which follows by ``appendEntry(_:_:valueCount:)``; nil appends a null.
    public mutating func appendMap(count: Int?) {
        runs.append(count.map { Run(start: UInt32(keyCodes.count), count: Int32($0)) } ?? .null)
    }

    /// Appends an entry whose values follow by ``appendValue(_:_:)``.
    public mutating func appendEntry(_ key: UnsafePointer<UInt8>, _ count: Int, valueCount: Int) {
        keyCodes.append(dictionary.pointee.code(key, count))
        values.appendList(count: valueCount)
    }

    /// Appends a value to the last entry; no address is a null.
    public mutating func appendValue(_ text: UnsafePointer<UInt8>?, _ count: Int) {
        values.appendElement(text, count)
    }

    mutating func removeAll() {
        runs.removeAll()
        keyCodes.removeAll()
        values.removeAll()
    }
}

/// Lists of structures whose fields are texts.
public struct StructureListColumn: ~Copyable {
    let width: Int
    let dictionary: UnsafeMutablePointer<TextDictionary>
    private(set) var runs = GrowingBuffer<Run>()
    /// The fields of an element stand side by side.
    private(set) var codes = GrowingBuffer<UInt32>()

    init(_ dictionary: UnsafeMutablePointer<TextDictionary>, width: Int) {
        self.dictionary = dictionary
        self.width = width
    }

    /// Appends a list of `count` structures, whose fields follow side by side by ``appendField(_:_:)``; nil appends a null.
    public mutating func appendList(count: Int?) {
        runs.append(count.map { Run(start: UInt32(codes.count / width), count: Int32($0)) } ?? .null)
    }

    /// Appends the next field of the last list; no address is a null.
    public mutating func appendField(_ text: UnsafePointer<UInt8>?, _ count: Int) {
        codes.append(text.map { dictionary.pointee.code($0, count) } ?? 0)
    }

    mutating func removeAll() {
        runs.removeAll()
        codes.removeAll()
    }
}
