/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012): a keyed hash for short texts.
///
/// Who does not hold the key can neither compute a hash nor try out texts against one.
public struct SipHash: Sendable {
    /// The key's two halves, little endian.
    private let low: UInt64
    private let high: UInt64

    /// A hash under a key of 16 bytes; nil for any other length.
    public init?(key: [UInt8]) {
        guard key.count == 16 else { return nil }
        low = SipHash.word(key, 0)
        high = SipHash.word(key, 8)
    }

    /// The hash of some bytes.
    public func digest(_ bytes: some RandomAccessCollection<UInt8>) -> UInt128 {
        var state = State(low, high)
        var (word, filled) = (UInt64(0), UInt64(0))
        for byte in bytes {
            word |= UInt64(byte) << (8 * filled)
            filled += 1
            if filled == 8 {
                state.take(word)
                (word, filled) = (0, 0)
            }
        }
        state.take(word | UInt64(truncatingIfNeeded: bytes.count) << 56)
        return state.finish()
    }

    /// The hash of a text, as 32 hexadecimal digits in the order of the reference's output bytes.
    public static func hex(_ digest: UInt128) -> String {
        (0..<16).map { place in
            let byte = UInt8(truncatingIfNeeded: digest >> UInt128(8 * place))
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
}

/// The four words of the algorithm.
private struct State {
    private var v0, v1, v2, v3: UInt64

    init(_ low: UInt64, _ high: UInt64) {
        v0 = low ^ 0x736f_6d65_7073_6575
        v1 = high ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = low ^ 0x6c79_6765_6e65_7261
        v3 = high ^ 0x7465_6462_7974_6573
    }

    mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    mutating func finish() -> UInt128 {
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return UInt128(v0 ^ v1 ^ v2 ^ v3) << 64 | UInt128(low)
    }

    private mutating func round() {
        v0 &+= v1
        v1 = rotated(v1, 13) ^ v0
        v0 = rotated(v0, 32)
        v2 &+= v3
        v3 = rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = rotated(v1, 17) ^ v2
        v2 = rotated(v2, 32)
    }

    private func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
}

extension SipHash {
    /// The hash whose digits ``hex(_:)`` gave; nil for other text.
    public static func number(hex digits: String) -> UInt128? {
        guard digits.utf8.count == 32, let bigEndian = UInt128(digits, radix: 16) else { return nil }
        return bigEndian.byteSwapped
    }
}
