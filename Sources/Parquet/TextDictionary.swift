#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Gives each distinct text a code, from 1 in the order of first appearance; 0 is for null.
///
/// SES repeats most of a message in each of its events, so a text is kept once and a row holds four bytes.
///
/// Proof for `@unchecked Sendable`: it cannot be copied and owns its memory, so who has it is alone with it.
public struct TextDictionary: ~Copyable, @unchecked Sendable {
    private struct Entry: BitwiseCopyable {
        var offset: Int
        var length: UInt32
        var hash: UInt32
    }

    private var bytes = GrowingBuffer<UInt8>(capacity: 1024)
    private var entries = GrowingBuffer<Entry>()
    /// Open addressing: the upper half of a slot is the hash's upper half, the lower is the code; a free slot is 0.
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private var occupied = 0

    /// An empty dictionary.
    public init() {
        mask = 63
        slots = .allocate(capacity: 64)
        slots.initialize(repeating: 0, count: 64)
    }

    deinit { slots.deallocate() }

    /// How many distinct texts there are.
    public var count: Int { entries.count }
    /// Bytes of the distinct texts.
    public var byteCount: Int { bytes.count }

    /// The bytes of a code that was given out; good until the next text is added.
    @inline(__always)
    public func text(_ code: UInt32) -> UnsafeBufferPointer<UInt8> {
        let entry = entries[Int(code) - 1]
        return UnsafeBufferPointer(start: bytes.base + entry.offset, count: Int(entry.length))
    }

    @inline(__always)
    func length(_ code: UInt32) -> Int { Int(entries[Int(code) - 1].length) }

    /// The code of a text, new or known.
    ///
    /// - Parameter guess: a code that it may well have, such as the column's last one; 0 for none.
    public mutating func code(_ text: UnsafePointer<UInt8>, _ count: Int, guess: UInt32 = 0) -> UInt32 {
        if guess != 0, holds(guess, text, count) { return guess }
        let hash = TextHash.value(UnsafeRawPointer(text), count)
        let tag = hash & 0xffff_ffff_0000_0000
        var place = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while slots[place] != 0 {
            let slot = slots[place]
            if slot & 0xffff_ffff_0000_0000 == tag {
                let code = UInt32(truncatingIfNeeded: slot)
                if holds(code, text, count) { return code }
            }
            place = (place &+ 1) & mask
        }
        let code = append(text, count, hash)
        slots[place] = tag | UInt64(code)
        occupied += 1
        if occupied * 4 > (mask + 1) * 3 { rehash() }
        return code
    }

    /// Gives a text that nobody will look for a code of its own, which costs less.
    mutating func appendUnique(_ text: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        append(text, count, 0)
    }

    @inline(__always)
    private mutating func append(_ text: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt64) -> UInt32 {
        entries.append(
            Entry(offset: bytes.count, length: UInt32(count), hash: UInt32(truncatingIfNeeded: hash)))
        bytes.append(text, count: count)
        return UInt32(entries.count)
    }

    /// Forgets the texts.
    public mutating func removeAll() {
        bytes.removeAll()
        entries.removeAll()
        occupied = 0
        slots.update(repeating: 0, count: mask + 1)
    }

    @inline(__always)
    private func holds(_ code: UInt32, _ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let entry = entries[Int(code) - 1]
        return Int(entry.length) == count && memcmp(bytes.base + entry.offset, text, count) == 0
    }

    private mutating func rehash() {
        let old = slots
        let oldCount = mask + 1
        mask = oldCount * 4 - 1
        slots = .allocate(capacity: mask + 1)
        slots.initialize(repeating: 0, count: mask + 1)
        for index in 0..<oldCount where old[index] != 0 {
            let slot = old[index]
            // The place follows from the hash's lower half, which the entry has.
            let low = entries[Int(UInt32(truncatingIfNeeded: slot)) - 1].hash
            var place = Int(low) & mask
            while slots[place] != 0 { place = (place &+ 1) & mask }
            slots[place] = slot
        }
        old.deallocate()
    }
}

/// A hash for tables in memory: multiplies 16 bytes at a time and folds the product.
///
/// Keyed by chance, so that nobody can send texts that all fall into one slot.
enum TextHash {
    private static let key = (UInt64.random(in: .min ... .max) | 1, UInt64.random(in: .min ... .max) | 1)

    static func value(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        let (key, second) = key
        var state = key ^ UInt64(truncatingIfNeeded: count)
        guard count >= 16 else {
            let (low, high) = short(start, count)
            return fold(low ^ second, high ^ state)
        }
        var offset = 0
        while offset + 16 < count {
            state = fold(word(start + offset) ^ second, word(start + offset + 8) ^ state)
            offset += 16
        }
        return fold(word(start + count - 16) ^ second, word(start + count - 8) ^ state)
    }

    @inline(__always)
    private static func short(_ start: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
        if count >= 8 { return (word(start), word(start + count - 8)) }
        if count >= 4 {
            return (
                UInt64(start.loadUnaligned(as: UInt32.self)),
                UInt64((start + count - 4).loadUnaligned(as: UInt32.self))
            )
        }
        guard count > 0 else { return (0, 0) }
        let first = UInt64(start.load(as: UInt8.self))
        let middle = UInt64((start + count / 2).load(as: UInt8.self))
        return (first << 8 | middle, UInt64((start + count - 1).load(as: UInt8.self)))
    }

    @inline(__always)
    private static func word(_ start: UnsafeRawPointer) -> UInt64 { start.loadUnaligned(as: UInt64.self) }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
