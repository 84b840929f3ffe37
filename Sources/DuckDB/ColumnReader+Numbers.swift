import CDuckDB

extension ColumnReader {
    func wideInteger(_ scalar: ColumnType.Scalar, _ row: Int) -> Value {
        switch scalar {
        case .ubigint:
            let number = load(row, as: UInt64.self)
            return Int64(exactly: number).map(Value.integer) ?? .hugeint(Int128(number))
        case .uhugeint:
            let number = load(row, as: duckdb_uhugeint.self)
            let wide = UInt128(number.upper) << 64 | UInt128(number.lower)
            return Int128(exactly: wide).map(Value.hugeint) ?? .text(String(wide))
        default:
            return .hugeint(wide(load(row, as: duckdb_hugeint.self)))
        }
    }

    /// A DECIMAL lies in the smallest integer that holds its width.
    func unscaled(_ row: Int, width: Int) -> Int128 {
        switch width {
        case ...4: Int128(load(row, as: Int16.self))
        case ...9: Int128(load(row, as: Int32.self))
        case ...18: Int128(load(row, as: Int64.self))
        default: wide(load(row, as: duckdb_hugeint.self))
        }
    }

    /// An ENUM lies in the smallest unsigned integer that counts its labels.
    func enumIndex(_ row: Int, labelCount: Int) -> Int {
        switch labelCount {
        case ...255: Int(load(row, as: UInt8.self))
        case ...65_535: Int(load(row, as: UInt16.self))
        default: Int(load(row, as: UInt32.self))
        }
    }

    private func wide(_ number: duckdb_hugeint) -> Int128 {
        Int128(number.upper) << 64 | Int128(number.lower)
    }

    /// UUIDs are kept with the first bit flipped, so that they sort as signed numbers.
    func uuidText(_ number: duckdb_hugeint) -> String {
        let upper = UInt64(bitPattern: number.upper) ^ (1 << 63)
        let digits = [upper, number.lower].map { half in
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    /// A BIT value: how many bits of the first byte are padding, then the bits.
    func bitText(_ bytes: UnsafeRawBufferPointer) -> String {
        guard let padding = bytes.first else { return "" }
        let bits = bytes.dropFirst().map { byte in
            let text = String(byte, radix: 2)
            return String(repeating: "0", count: 8 - text.count) + text
        }
        return String(bits.joined().dropFirst(Int(padding)))
    }

    /// A BIGNUM value: three bytes of header, then the magnitude, all bits inverted when it is negative.
    func bignumText(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > 3 else { return "0" }
        let isNegative = bytes[0] & 0x80 == 0
        var digits: [UInt8] = [0]
        for byte in bytes.dropFirst(3) {
            var carry = Int(isNegative ? ~byte : byte)
            for index in digits.indices {
                carry += Int(digits[index]) * 256
                digits[index] = UInt8(carry % 10)
                carry /= 10
            }
            while carry > 0 {
                digits.append(UInt8(carry % 10))
                carry /= 10
            }
        }
        return (isNegative ? "-" : "") + digits.reversed().map(String.init).joined()
    }
}
