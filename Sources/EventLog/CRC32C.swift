import CCRC32C

/// CRC-32C, the checksum of the log: it finds every error burst up to 32 bits and has an instruction of its own.
enum CRC32C {
    /// The checksum of `bytes`.
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        sesame_crc32c(0, bytes.baseAddress, bytes.count)
    }
}
