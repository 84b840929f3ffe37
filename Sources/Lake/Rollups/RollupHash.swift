import Scanning

/// Hashes that tell files of rollups apart. Nobody gains by a collision, so they need no secret.
enum RollupHash {
    private static let sipHash = SipHash(key: Array("sesame rollups 1".utf8))

    /// 128 bits of a text.
    static func digest(_ text: String) -> UInt128 { digest(bytes: text.utf8) }

    /// 128 bits of numbers.
    static func digest(_ numbers: [UInt64]) -> UInt128 { numbers.withUnsafeBytes { digest(bytes: $0) } }

    private static func digest(bytes: some Collection<UInt8>) -> UInt128 {
        // There is none for a key of another length than 16 bytes.
        sipHash?.digest(Array(bytes)) ?? 0
    }

    /// 32 hexadecimal digits, as in names.
    static func hex(_ digest: UInt128) -> String { SipHash.hex(digest) }
}
