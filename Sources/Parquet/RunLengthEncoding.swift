// Parquet's RLE/bit-packing hybrid (encoding 3, and 8 for dictionary codes): runs of equal values, `varint(count << 1)` and the
// value in whole bytes; and groups of eight values, `varint(groups << 1 | 1)` and the values side by side, lowest bit first.

/// Writes levels and dictionary codes.
enum RunLengthEncoding {
    /// Bits that hold the numbers up to `maximum`.
    static func width(of maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }

    /// Appends `count` values, each of `width` bits.
    static func append<Value: FixedWidthInteger & BitwiseCopyable>(
        _ values: UnsafePointer<Value>, count: Int, width: Int, to output: inout GrowingBuffer<UInt8>
    ) {
        guard width > 0 || count == 0 else { return appendRun(UInt64(0), count, 0, &output) }
        var pending = 0
        var index = 0
        while index < count {
            let value = values[index]
            var end = index + 1
            while end < count, values[end] == value { end += 1 }
            // A run may only begin where a group ends, so the group before it is filled from the run.
            let missing = (8 - (index - pending) & 7) & 7
            if end - index - missing >= 8 {
                appendGroups(values + pending, count: index + missing - pending, width, &output)
                appendRun(UInt64(truncatingIfNeeded: value), end - index - missing, width, &output)
                pending = end
            }
            index = end
        }
        appendGroups(values + pending, count: count - pending, width, &output)
    }

    private static func appendRun(
        _ value: UInt64, _ count: Int, _ width: Int, _ output: inout GrowingBuffer<UInt8>
    ) {
        output.append(varint: UInt64(count) << 1)
        for byte in 0..<(width + 7) / 8 {
            output.append(UInt8(truncatingIfNeeded: value >> UInt64(byte * 8)))
        }
    }

    private static func appendGroups<Value: FixedWidthInteger & BitwiseCopyable>(
        _ values: UnsafePointer<Value>, count: Int, _ width: Int, _ output: inout GrowingBuffer<UInt8>
    ) {
        guard count > 0 else { return }
        let groups = (count + 7) / 8
        output.append(varint: UInt64(groups) << 1 | 1)
        BitPacking.append(values, count: count, padding: groups * 8 - count, width: width, to: &output)
    }
}

/// Writes numbers side by side, lowest bit first.
enum BitPacking {
    /// Appends `count` values of `width` bits (0 to 64), then `padding` zeros; together a whole number of bytes.
    static func append<Value: FixedWidthInteger & BitwiseCopyable>(
        _ values: UnsafePointer<Value>, count: Int, padding: Int, width: Int,
        to output: inout GrowingBuffer<UInt8>
    ) {
        guard width > 0 else { return }
        let bytes = ((count + padding) * width + 7) / 8
        // Words are stored whole, so up to eight bytes more are written than kept.
        let start = UnsafeMutableRawPointer(output.reserve(bytes + 8))
        var offset = 0
        var word: UInt64 = 0
        var filled = 0
        for index in 0..<count {
            let value = UInt64(truncatingIfNeeded: values[index])
            word |= value << UInt64(filled)
            filled += width
            if filled >= 64 {
                start.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
                offset += 8
                filled -= 64
                word = filled == 0 ? 0 : value >> UInt64(width - filled)
            }
        }
        var left = bytes - offset
        while left > 0 {
            start.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset += 8
            left -= 8
            word = 0
        }
        output.advance(by: bytes)
    }
}
