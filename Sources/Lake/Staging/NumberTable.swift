/// A table from numbers that nobody chose to places: identities, which are hashes, and pairs of codes.
///
/// Swift's own dictionary hashes a key anew with SipHash, which took longer than all else that is done with it. Here the
/// key is multiplied by a number made by chance, so that senders cannot aim at one slot.
struct NumberTable<Key: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private static var free: UInt64 { .max }

    private var keys: [Key]
    private var values: [UInt64]
    private var shift: Int
    private var count = 0
    private let multiplier = UInt64.random(in: .min ... .max) | 1

    init(minimumCapacity: Int = 32) {
        let bits = max(6, Int.bitWidth - (minimumCapacity * 4 / 3).leadingZeroBitCount)
        keys = Array(repeating: 0, count: 1 << bits)
        values = Array(repeating: Self.free, count: 1 << bits)
        shift = 64 - bits
    }

    /// The value of a key; nil if it has none.
    subscript(_ key: Key) -> UInt64? {
        let value = values[slot(of: key)]
        return value == Self.free ? nil : value
    }

    /// Gives a key a value unless it has one; returns the one it has now. `UInt64.max` cannot be a value.
    mutating func insert(_ value: UInt64, for key: Key) -> UInt64 {
        let slot = slot(of: key)
        if values[slot] != Self.free { return values[slot] }
        keys[slot] = key
        values[slot] = value
        count += 1
        if count * 4 > keys.count * 3 { grow() }
        return value
    }

    /// Changes the value of a key that has one.
    mutating func update(_ value: UInt64, for key: Key) {
        let slot = slot(of: key)
        if values[slot] != Self.free { values[slot] = value }
    }

    @inline(__always)
    private func slot(of key: Key) -> Int {
        let folded = UInt64(truncatingIfNeeded: key) ^ UInt64(truncatingIfNeeded: key >> (Key.bitWidth / 2))
        var slot = Int(truncatingIfNeeded: (folded &* multiplier) >> UInt64(shift))
        let mask = keys.count - 1
        while values[slot] != Self.free, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        var larger = NumberTable(minimumCapacity: keys.count * 2)
        for slot in keys.indices where values[slot] != Self.free {
            _ = larger.insert(values[slot], for: keys[slot])
        }
        self = larger
    }
}
