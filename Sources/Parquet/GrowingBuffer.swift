#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Elements that grow at the end, in memory that nobody shares.
///
/// An `Array` checks bounds and uniqueness at each store, and there are some two hundred stores an event.
///
/// Proof for `@unchecked Sendable`: it cannot be copied and owns its memory, so who has it is alone with it.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int = 64) {
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(by: 1) }
        base[count] = element
        count &+= 1
    }

    mutating func append(_ source: UnsafePointer<Element>, count added: Int) {
        if capacity - count < added { grow(by: added) }
        (base + count).update(from: source, count: added)
        count += added
    }

    /// Makes room for `added` elements behind the end and returns where it begins; ``advance(by:)`` keeps what was written.
    mutating func reserve(_ added: Int) -> UnsafeMutablePointer<Element> {
        if capacity - count < added { grow(by: added) }
        return base + count
    }

    mutating func advance(by written: Int) { count += written }

    /// Forgets the elements, and keeps their memory unless it is much: the next ones will need as much.
    mutating func removeAll() {
        count = 0
        guard capacity * MemoryLayout<Element>.stride > 32 << 20 else { return }
        base.deallocate()
        capacity = 64
        base = .allocate(capacity: capacity)
    }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get { base[index] }
        set { base[index] = newValue }
    }

    private mutating func grow(by added: Int) {
        let wanted = max(capacity * 2, count + added)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = wanted
    }
}

extension GrowingBuffer where Element == UInt8 {
    /// Appends a number of seven bits a byte, the lowest first.
    @inline(__always)
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a number of either sign: small ones, negative or not, take few bytes.
    mutating func append(zigzag value: Int64) {
        append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Appends four bytes, the lowest first.
    mutating func append(littleEndian value: UInt32) {
        for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func append(_ bytes: some Sequence<UInt8>) { for byte in bytes { append(byte) } }
}
