import Scanning

/// Hashes that tell files of rollups apart. Nobody gains by a collision, so they need no secret.
enum RollupHash {
    private static let sipHash = SipHash(key: Array("sesame rollups 1".utf8))

    /// 128 bits of some bytes.
    static func digest(_ bytes: some RandomAccessCollection<UInt8>) -> UInt128 {
        // There is none for a key of another length than 16 bytes.
        sipHash?.digest(bytes) ?? 0
    }

    /// The same as 32 hexadecimal digits.
    static func hex(_ bytes: some RandomAccessCollection<UInt8>) -> String { SipHash.hex(digest(bytes)) }

    /// 32 hexadecimal digits of texts in any order.
    static func hex(of texts: [String]) -> String {
        hex(Array(texts.sorted().joined(separator: "\n").utf8))
    }
}
