/// Thrift's compact protocol, as far as Parquet's headers and footer need it.
struct ThriftWriter: ~Copyable {
    private enum Kind: UInt8 {
        case yes = 1
        case no = 2
        case byte = 3
        case short = 4
        case integer = 5
        case long = 6
        case binary = 8
        case list = 9
        case structure = 12
    }

    private(set) var bytes = GrowingBuffer<UInt8>(capacity: 256)
    private var lastField = 0
    private var outer: [Int] = []

    mutating func boolean(_ field: Int, _ value: Bool) { begin(field, value ? .yes : .no) }

    mutating func byte(_ field: Int, _ value: UInt8) {
        begin(field, .byte)
        bytes.append(value)
    }

    mutating func short(_ field: Int, _ value: Int) {
        begin(field, .short)
        bytes.append(zigzag: Int64(value))
    }

    mutating func integer(_ field: Int, _ value: Int) {
        begin(field, .integer)
        bytes.append(zigzag: Int64(value))
    }

    mutating func long(_ field: Int, _ value: Int) {
        begin(field, .long)
        bytes.append(zigzag: Int64(value))
    }

    mutating func binary(_ field: Int, _ value: some Collection<UInt8>) {
        begin(field, .binary)
        append(value)
    }

    mutating func text(_ field: Int, _ value: String) { binary(field, value.utf8) }

    mutating func structure(_ field: Int, _ body: (inout ThriftWriter) throws -> Void) rethrows {
        begin(field, .structure)
        try element(body)
    }

    /// A list of structures, each of which ``element(_:)`` writes in `body`.
    mutating func structures(_ field: Int, count: Int, _ body: (inout ThriftWriter) -> Void) {
        list(field, count, .structure)
        body(&self)
    }

    mutating func integers(_ field: Int, _ values: [Int]) {
        list(field, values.count, .integer)
        for value in values { bytes.append(zigzag: Int64(value)) }
    }

    mutating func texts(_ field: Int, _ values: [String]) {
        list(field, values.count, .binary)
        for value in values { append(value.utf8) }
    }

    /// A structure in a list, or the outermost one.
    mutating func element(_ body: (inout ThriftWriter) throws -> Void) rethrows {
        outer.append(lastField)
        lastField = 0
        try body(&self)
        bytes.append(0)
        lastField = outer.removeLast()
    }

    private mutating func begin(_ field: Int, _ kind: Kind) {
        // Fields are written in ascending order, never 15 apart.
        bytes.append(UInt8(field - lastField) << 4 | kind.rawValue)
        lastField = field
    }

    private mutating func list(_ field: Int, _ count: Int, _ kind: Kind) {
        begin(field, .list)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xf0 | kind.rawValue)
            bytes.append(varint: UInt64(count))
        }
    }

    private mutating func append(_ value: some Collection<UInt8>) {
        bytes.append(varint: UInt64(value.count))
        bytes.append(value)
    }
}
