/// One decoded event: a cell for each ``EventColumn``, reused from event to event so that decoding allocates nothing.
///
/// Texts point into the parser's buffers or into the record's own arena, and hold until the next event is decoded.
public final class EventRecord {
    /// A half-open run of positions in ``items`` or ``entries``.
    public struct Run {
        /// The first position.
        public var start: Int
        /// How many positions.
        public var count: Int
    }

    /// An entry of a map column: its key, and its values as a run of ``items``.
    public struct Entry {
        /// The key.
        public var key: TextSlice
        /// The values.
        public var values: Run
    }

    private struct Cell {
        var word: Int = 0
        var count: Int = -1
    }

    private let cells: UnsafeMutablePointer<Cell>
    /// Elements of list columns; a structure takes as many places as it has fields. Nil is null.
    public private(set) var items: [TextSlice?] = []
    /// Entries of map columns.
    public private(set) var entries: [Entry] = []
    /// The event's identity: `event_id` as a number.
    public internal(set) var identity: UInt128 = 0
    private var arena = TextArena()

    /// An empty record.
    public init() {
        cells = .allocate(capacity: EventColumn.allCases.count)
        cells.initialize(repeating: Cell(), count: EventColumn.allCases.count)
        items.reserveCapacity(256)
    }

    deinit { cells.deallocate() }

    /// Whether the column is null.
    @inline(__always)
    public func isNull(_ column: EventColumn) -> Bool { cells[column.rawValue].count < 0 }

    /// The text of a text column; nil for null.
    @inline(__always)
    public func text(_ column: EventColumn) -> TextSlice? {
        let cell = cells[column.rawValue]
        guard cell.count >= 0, let base = UnsafePointer<UInt8>(bitPattern: cell.word) else { return nil }
        return TextSlice(base: base, count: cell.count)
    }

    /// The number of an integer, boolean (0 or 1) or timestamp (microseconds) column; nil for null.
    @inline(__always)
    public func integer(_ column: EventColumn) -> Int64? {
        let cell = cells[column.rawValue]
        return cell.count < 0 ? nil : Int64(cell.word)
    }

    /// The run of a list column in ``items``, or of a map column in ``entries``; nil for null.
    @inline(__always)
    public func run(_ column: EventColumn) -> Run? {
        let cell = cells[column.rawValue]
        return cell.count < 0 ? nil : Run(start: cell.word, count: cell.count)
    }

    /// The texts of a text list column.
    public func texts(_ column: EventColumn) -> [TextSlice] {
        guard let run = run(column) else { return [] }
        return items[run.start..<run.start + run.count].compactMap { $0 }
    }

    /// The elements of a run; none for nil.
    @inline(__always)
    public func items(_ run: Run?) -> ArraySlice<TextSlice?> {
        guard let run else { return [] }
        return items[run.start..<run.start + run.count]
    }

    /// The fields of a run of structures, side by side; none for nil.
    public func fields(_ run: Run?, width: Int) -> ArraySlice<TextSlice?> {
        guard let run else { return [] }
        return items[run.start..<run.start + run.count * width]
    }

    /// The entries of a map column's run; none for nil.
    public func entries(_ run: Run?) -> ArraySlice<Entry> {
        guard let run else { return [] }
        return entries[run.start..<run.start + run.count]
    }

    func reset() {
        cells.update(repeating: Cell(), count: EventColumn.allCases.count)
        items.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        arena.reset()
    }

    @inline(__always)
    func set(_ column: EventColumn, _ text: TextSlice) {
        cells[column.rawValue] = Cell(word: Int(bitPattern: text.base), count: text.count)
    }

    /// Stores a copy of bytes that will not outlive the call.
    func set(_ column: EventColumn, copying bytes: some Collection<UInt8>) { set(column, arena.copy(bytes)) }

    @inline(__always)
    func set(_ column: EventColumn, _ number: Int64) {
        cells[column.rawValue] = Cell(word: Int(number), count: 0)
    }

    @inline(__always)
    func set(_ column: EventColumn, _ flag: Bool) { set(column, flag ? 1 : 0) }

    @inline(__always)
    func set(_ column: EventColumn, _ run: Run) {
        cells[column.rawValue] = Cell(word: run.start, count: run.count)
    }

    /// Reserves a run of null items for a list.
    func appendItems(count: Int) -> Run {
        let run = Run(start: items.count, count: count)
        items.append(contentsOf: repeatElement(nil, count: count))
        return run
    }

    func append(item: TextSlice?) { items.append(item) }
    func setItem(_ index: Int, _ item: TextSlice?) { items[index] = item }

    /// Puts an entry into the map that begins at `start`, in the byte order of the keys.
    ///
    /// A map holds a key once: the last one counts, as in every JSON reader.
    func insert(_ entry: Entry, behind start: Int) {
        var position = entries.count
        while position > start, entry.key.bytes.lexicographicallyPrecedes(entries[position - 1].key.bytes) {
            position -= 1
        }
        if position > start, entries[position - 1].key.bytes.elementsEqual(entry.key.bytes) {
            entries[position - 1] = entry
        } else {
            entries.insert(entry, at: position)
        }
    }

    func copyToArena(lowercasing bytes: UnsafeBufferPointer<UInt8>) -> TextSlice {
        let target = arena.allocate(count: bytes.count)
        for index in 0..<bytes.count { target[index] = Address.lowercased(bytes[index]) }
        return TextSlice(base: UnsafePointer(target), count: bytes.count)
    }

    /// Room for `count` bytes that live as long as the event.
    func allocate(count: Int) -> UnsafeMutablePointer<UInt8> { arena.allocate(count: count) }

    func copyToArena(_ bytes: some Collection<UInt8>) -> TextSlice { arena.copy(bytes) }
}

/// Bytes that live as long as the record's current event. Blocks are kept, so the arena stops growing.
struct TextArena: ~Copyable {
    private var blocks: [UnsafeMutableBufferPointer<UInt8>] = []
    private var block = 0
    private var used = 0

    mutating func reset() {
        block = 0
        used = 0
    }

    mutating func copy(_ bytes: some Collection<UInt8>) -> TextSlice {
        let count = bytes.count
        let target = allocate(count: count)
        _ = UnsafeMutableBufferPointer(start: target, count: count).update(fromContentsOf: bytes)
        return TextSlice(base: UnsafePointer(target), count: count)
    }

    mutating func allocate(count: Int) -> UnsafeMutablePointer<UInt8> {
        while block < blocks.count, blocks[block].count - used < count {
            block += 1
            used = 0
        }
        if block == blocks.count { blocks.append(.allocate(capacity: max(count, 4096))) }
        // A block holds at least 4,096 bytes, so it has an address.
        let target = blocks[block].baseAddress! + used
        used += count
        return target
    }

    deinit { for block in blocks { block.deallocate() } }
}
