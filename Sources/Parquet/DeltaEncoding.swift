// Parquet's DELTA_BINARY_PACKED (encoding 5): `varint(128) varint(4) varint(count) zigzag(first)`, then blocks of 128
// differences: `zigzag(least difference)`, the bits of each of the four parts of 32, and the parts, each difference less the
// least one, side by side. DELTA_LENGTH_BYTE_ARRAY (encoding 6): the lengths so, then all bytes.

/// Writes numbers by their differences.
enum DeltaEncoding {
    private static let block = 128
    private static let part = 32

    /// Appends the numbers.
    static func append(_ values: UnsafePointer<Int64>, count: Int, to output: inout GrowingBuffer<UInt8>) {
        output.append(varint: UInt64(block))
        output.append(varint: UInt64(block / part))
        output.append(varint: UInt64(count))
        output.append(zigzag: count > 0 ? values[0] : 0)
        var start = 1
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: block) { differences in
            guard let base = differences.baseAddress else { return }
            while start < count {
                let length = min(block, count - start)
                for index in 0..<length { base[index] = values[start + index] &- values[start + index - 1] }
                appendBlock(base, length, &output)
                start += length
            }
        }
    }

    private static func appendBlock(
        _ differences: UnsafeMutablePointer<Int64>, _ count: Int, _ output: inout GrowingBuffer<UInt8>
    ) {
        var least = differences[0]
        for index in 1..<max(1, count) { least = min(least, differences[index]) }
        output.append(zigzag: least)
        for index in 0..<count { differences[index] &-= least }
        let values = UnsafeRawPointer(differences).assumingMemoryBound(to: UInt64.self)
        var widths: (Int, Int, Int, Int) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &widths) { bytes in
            let widths = bytes.assumingMemoryBound(to: Int.self)
            for index in 0..<4 {
                var bits: UInt64 = 0
                for place in index * part..<max(index * part, min(count, (index + 1) * part)) {
                    bits |= values[place]
                }
                widths[index] = 64 - bits.leadingZeroBitCount
                output.append(UInt8(widths[index]))
            }
            for index in 0..<4 where index * part < count {
                let length = min(part, count - index * part)
                BitPacking.append(
                    values + index * part, count: length, padding: part - length, width: widths[index],
                    to: &output)
            }
        }
    }
}
