// A split-block Bloom filter: blocks of eight 32-bit words, of which a value sets one bit in each word of one block.
// Format: https://github.com/apache/parquet-format/blob/master/BloomFilter.md

import CCompression

/// Says of a value that it is not in a column chunk, or that it may be: a reader that looks for one message skips nearly all chunks.
struct BloomFilter: ~Copyable {
    private static let salts: [UInt32] = [
        0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947,
        0x5c6b_fb31,
    ]
    private static let blockBytes = 32
    /// What readers take, and more than any row group needs.
    private static let mostBytes = 1 << 24

    private var words: [UInt32]

    /// A filter for so many different values: one of forty that are not there seems to be, at worst.
    init(count: Int) {
        // Some readers want a power of two; eight to sixteen bits a value then.
        var bytes = Self.blockBytes
        while bytes < min(count, Self.mostBytes) { bytes *= 2 }
        words = Array(repeating: 0, count: bytes / 4)
    }

    mutating func insert(_ value: UnsafeBufferPointer<UInt8>) {
        let hash = sesame_xxh64(value.baseAddress, value.count)
        let blocks = UInt64(words.count / Self.salts.count)
        let block = Int(((hash >> 32) &* blocks) >> 32) * Self.salts.count
        let key = UInt32(truncatingIfNeeded: hash)
        for (word, salt) in Self.salts.enumerated() { words[block + word] |= 1 << ((key &* salt) >> 27) }
    }

    /// Its header and its bits, as they stand in a file.
    func append(to output: inout GrowingBuffer<UInt8>) {
        var header = ThriftWriter()
        let bytes = words.count * 4
        header.element { header in
            header.integer(1, bytes)
            // Split blocks, XXH64, not compressed: each the first of a union.
            for field in 2...4 { header.structure(field) { $0.structure(1) { _ in } } }
        }
        output.append(header.bytes.base, count: header.bytes.count)
        for word in words { output.append(littleEndian: word) }
    }
}
