/// A kind of file that people point an import at and that holds no JSON text, told by its first bytes.
///
/// Without this the whole file would come out as thousands of refusals that say nothing.
struct ForeignFormat {
    /// What it is and what to do, to stand after "<name> is".
    let advice: String

    /// Nil if the bytes do not begin like one of them.
    init?(_ head: UnsafeRawBufferPointer) {
        let known: [(magic: [UInt8], advice: String)] = [
            (Array("PAR1".utf8), "a Parquet file; query it as a dataset or import the JSON it was made from"),
            (Array("Obj\u{1}".utf8), "an Avro file; import the JSON it was made from"),
            ([0x50, 0x4b, 0x03, 0x04], "a ZIP archive; unpack it first"),
            (Array("BZh".utf8), "compressed with bzip2; decompress it first, or use gzip or zstd"),
            (
                [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
                "compressed with xz; decompress it first, or use gzip or zstd"
            ),
            (
                [0xff, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8),
                "compressed with Snappy; decompress it first, or set Firehose to GZIP"
            ),
            ([0xff, 0xfe], "UTF-16 text; convert it to UTF-8"),
            ([0xfe, 0xff], "UTF-16 text; convert it to UTF-8"),
        ]
        guard let found = known.first(where: { head.starts(with: $0.magic) }) else { return nil }
        advice = found.advice
    }
}
