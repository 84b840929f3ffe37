import CCompression
import Primitives

/// What the footer says of a column chunk: one leaf column of one row group.
struct ColumnChunk: Sendable {
    var encodings: [Int] = []
    var valueCount = 0
    var nullCount = 0
    var uncompressedSize = 0
    var compressedSize = 0
    /// Offsets within the row group.
    var dictionaryPage: Int?
    var dataPage = 0
    var bloomFilter: Range<Int>?
    var minimum: [UInt8]?
    var maximum: [UInt8]?
}

/// Encodings by Parquet's numbers.
private enum Encoding {
    static let plain = 0
    static let runLength = 3
    static let deltaBinaryPacked = 5
    static let deltaLengthByteArray = 6
    static let dictionary = 8
}

/// Writes the pages of column chunks, one after the other: levels and values encoded, then compressed by zstd.
struct PageEncoder: ~Copyable {
    /// A bound longer than this is left out: readers must compare it whole.
    private static let longestBound = 256

    private(set) var output = GrowingBuffer<UInt8>(capacity: 1 << 20)
    private var page = GrowingBuffer<UInt8>(capacity: 1 << 16)
    private var compressed = GrowingBuffer<UInt8>(capacity: 1 << 16)
    /// For each code of the batch's dictionary, its place in the chunk's own.
    private var places = GrowingBuffer<Place>()
    private var chunkNumber: UInt32 = 0
    /// The codes in the chunk's order.
    private var order = GrowingBuffer<UInt32>()
    private var lengths = GrowingBuffer<Int64>()
    private let context: OpaquePointer
    private let level: Int32

    init(level: Int) throws(Failure) {
        guard let context = ZSTD_createCCtx() else { throw Failure(.limit, "no memory to compress Parquet") }
        self.context = context
        self.level = Int32(level)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// A place in a chunk's dictionary; in another chunk it says nothing, which saves clearing all places for each.
    private struct Place: BitwiseCopyable {
        var chunk: UInt32
        var index: UInt32
    }

    mutating func clear() { output.removeAll() }

    /// Writes a chunk of texts.
    mutating func texts(
        _ leaf: Leaf, _ values: inout LeafValues, _ dictionary: borrowing TextDictionary,
        isLookedUp: Bool = false
    ) throws(Failure) -> ColumnChunk {
        var chunk = startChunk(values, present: values.codes.count)
        localize(&values, dictionary)
        if isLookedUp { filter(&chunk, dictionary) }
        bounds(&chunk, dictionary)
        var distinctBytes = 0
        for index in 0..<order.count { distinctBytes += dictionary.length(order[index]) }
        let present = values.codes.count
        let width = max(1, RunLengthEncoding.width(of: max(0, order.count - 1)))
        // What the values take with a dictionary, and side by side.
        let coded = distinctBytes + 4 * order.count + present * width / 8
        let plain = order.count == 0 ? 0 : distinctBytes / order.count * present + present
        if present > 0, coded < plain {
            try dictionaryPage(&chunk, dictionary)
            startPage(leaf, values)
            page.append(UInt8(width))
            RunLengthEncoding.append(
                values.codes.base, count: present, width: width, to: &page)
            try finishPage(&chunk, encoding: Encoding.dictionary)
        } else {
            startPage(leaf, values)
            lengths.removeAll()
            for index in 0..<present {
                lengths.append(Int64(dictionary.length(order[Int(values.codes[index])])))
            }
            DeltaEncoding.append(lengths.base, count: present, to: &page)
            for index in 0..<present {
                let text = dictionary.text(order[Int(values.codes[index])])
                if let base = text.baseAddress { page.append(base, count: text.count) }
            }
            try finishPage(&chunk, encoding: Encoding.deltaLengthByteArray)
        }
        return chunk
    }

    /// Writes a chunk of whole numbers or instants.
    mutating func numbers(_ leaf: Leaf, _ values: borrowing LeafValues) throws(Failure) -> ColumnChunk {
        let present = values.numbers.count
        var chunk = startChunk(values, present: present)
        if present > 0 {
            var least = values.numbers[0]
            var greatest = least
            for index in 1..<max(1, present) {
                least = min(least, values.numbers[index])
                greatest = max(greatest, values.numbers[index])
            }
            chunk.minimum = withUnsafeBytes(of: least.littleEndian) { Array($0) }
            chunk.maximum = withUnsafeBytes(of: greatest.littleEndian) { Array($0) }
        }
        startPage(leaf, values)
        DeltaEncoding.append(values.numbers.base, count: present, to: &page)
        try finishPage(&chunk, encoding: Encoding.deltaBinaryPacked)
        return chunk
    }

    /// Writes a chunk of booleans.
    mutating func booleans(_ leaf: Leaf, _ values: borrowing LeafValues) throws(Failure) -> ColumnChunk {
        let present = values.numbers.count
        var chunk = startChunk(values, present: present)
        if present > 0 {
            var sum = 0
            for index in 0..<present { sum += Int(values.numbers[index]) }
            chunk.minimum = [sum == present ? 1 : 0]
            chunk.maximum = [sum == 0 ? 0 : 1]
        }
        startPage(leaf, values)
        BitPacking.append(
            values.numbers.base, count: present, padding: (8 - present & 7) & 7, width: 1, to: &page)
        try finishPage(&chunk, encoding: Encoding.plain)
        return chunk
    }

    /// Writes a filter over the texts of the chunk, before its pages.
    private mutating func filter(_ chunk: inout ColumnChunk, _ dictionary: borrowing TextDictionary) {
        guard order.count > 0 else { return }
        var filter = BloomFilter(count: order.count)
        for index in 0..<order.count { filter.insert(dictionary.text(order[index])) }
        let start = output.count
        filter.append(to: &output)
        chunk.bloomFilter = start..<output.count
    }

    private func startChunk(_ values: borrowing LeafValues, present: Int) -> ColumnChunk {
        let count = values.definition.count
        return ColumnChunk(valueCount: count, nullCount: count - present)
    }

    /// Gives the texts of the chunk places of their own, in the order of first appearance.
    private mutating func localize(_ values: inout LeafValues, _ dictionary: borrowing TextDictionary) {
        order.removeAll()
        chunkNumber &+= 1
        if places.count <= dictionary.count || chunkNumber == 0 {
            places.removeAll()
            let count = max(2 * dictionary.count, 1024)
            places.reserve(count).update(repeating: Place(chunk: 0, index: 0), count: count)
            places.advance(by: count)
            chunkNumber = 1
        }
        for index in 0..<values.codes.count {
            let code = values.codes[index]
            if places[Int(code)].chunk != chunkNumber {
                places[Int(code)] = Place(chunk: chunkNumber, index: UInt32(order.count))
                order.append(code)
            }
            values.codes[index] = places[Int(code)].index
        }
    }

    private mutating func bounds(_ chunk: inout ColumnChunk, _ dictionary: borrowing TextDictionary) {
        guard order.count > 0 else { return }
        var least = order[0]
        var greatest = order[0]
        for index in 1..<max(1, order.count) {
            let code = order[index]
            if TextOrder.precedes(dictionary.text(code), dictionary.text(least)) { least = code }
            if TextOrder.precedes(dictionary.text(greatest), dictionary.text(code)) { greatest = code }
        }
        if dictionary.length(least) <= Self.longestBound { chunk.minimum = Array(dictionary.text(least)) }
        if dictionary.length(greatest) <= Self.longestBound {
            chunk.maximum = Array(dictionary.text(greatest))
        }
    }

    private mutating func dictionaryPage(
        _ chunk: inout ColumnChunk, _ dictionary: borrowing TextDictionary
    ) throws(Failure) {
        page.removeAll()
        for index in 0..<order.count {
            let text = dictionary.text(order[index])
            page.append(littleEndian: UInt32(text.count))
            if let base = text.baseAddress { page.append(base, count: text.count) }
        }
        chunk.dictionaryPage = output.count
        chunk.encodings.append(Encoding.plain)
        let count = order.count
        try append(&chunk, kind: 2) { header in
            header.structure(7) { header in
                header.integer(1, count)
                header.integer(2, Encoding.plain)
            }
        }
    }

    private mutating func startPage(_ leaf: Leaf, _ values: borrowing LeafValues) {
        page.removeAll()
        if leaf.maximumRepetition > 0 { levels(values.repetition, leaf.maximumRepetition) }
        levels(values.definition, leaf.maximumDefinition)
    }

    private mutating func levels(_ levels: borrowing GrowingBuffer<UInt8>, _ maximum: Int) {
        let place = page.count
        page.append(littleEndian: 0)
        RunLengthEncoding.append(
            levels.base, count: levels.count, width: RunLengthEncoding.width(of: maximum), to: &page)
        let size = UInt32(page.count - place - 4)
        for byte in 0..<4 { page[place + byte] = UInt8(truncatingIfNeeded: size >> UInt32(byte * 8)) }
    }

    private mutating func finishPage(_ chunk: inout ColumnChunk, encoding: Int) throws(Failure) {
        chunk.dataPage = output.count
        chunk.encodings += [Encoding.runLength, encoding]
        let count = chunk.valueCount
        try append(&chunk, kind: 0) { header in
            header.structure(5) { header in
                header.integer(1, count)
                header.integer(2, encoding)
                header.integer(3, Encoding.runLength)
                header.integer(4, Encoding.runLength)
            }
        }
    }

    /// Compresses the page and appends it behind its header.
    private mutating func append(
        _ chunk: inout ColumnChunk, kind: Int, _ details: (inout ThriftWriter) -> Void
    ) throws(Failure) {
        guard page.count < Int(Int32.max) else {
            throw Failure(.limit, "a Parquet page of \(page.count) bytes; Parquet's limit is 2 GiB")
        }
        compressed.removeAll()
        let room = ZSTD_compressBound(page.count)
        let size = ZSTD_compressCCtx(
            context, compressed.reserve(room), room, page.base, page.count, level)
        guard ZSTD_isError(size) == 0 else {
            throw Failure(.limit, "zstd: \(String(cString: ZSTD_getErrorName(size)))")
        }
        compressed.advance(by: size)
        var header = ThriftWriter()
        let uncompressed = page.count
        header.element { header in
            header.integer(1, kind)
            header.integer(2, uncompressed)
            header.integer(3, size)
            details(&header)
        }
        output.append(header.bytes.base, count: header.bytes.count)
        output.append(compressed.base, count: size)
        chunk.uncompressedSize += header.bytes.count + uncompressed
        chunk.compressedSize += header.bytes.count + size
    }
}
