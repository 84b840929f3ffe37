import Primitives

/// Decodes gzip (of any number of members) and zstd (of any number of frames) as it streams; other input passes through.
///
/// The format is told by the first bytes, never by a name or a header: Firehose objects are gzip without saying so, and
/// some HTTP clients have decoded the body already. Memory stays bounded by a window of 128 KiB and the codec's own,
/// however large the decoded input.
public final class Decompressor {
    /// How the input is compressed.
    public enum Format: String, Sendable {
        /// Not at all, or in a way that is not known here.
        case plain
        /// Gzip, RFC 1952.
        case gzip
        /// Zstandard, RFC 8878.
        case zstd
    }

    /// What errors call the input: a path, or what a person would say it is.
    public let name: String
    /// The format; nil before the first read.
    public private(set) var format: Format?
    /// Compressed bytes decoded so far, for progress and errors.
    public var compressedOffset: Int { window.consumed }

    private let window: InputWindow
    private var codec: (any Codec)?
    private var failure: (any Error)?

    /// A decompressor of what `source` gives.
    public init(name: String, source: @escaping ByteSource) {
        self.name = name
        window = InputWindow(source: source)
    }

    /// A decompressor of an open file, which stays the caller's to close.
    public convenience init(name: String, descriptor: Int32) {
        self.init(name: name, source: byteSource(descriptor: descriptor, name: name))
    }

    /// Fills `output` with decoded bytes as far as one step gives them; zero is the end of the input.
    ///
    /// Input that is cut off or damaged throws once what came before it was handed out, and throws again when asked again.
    public func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if let failure { throw failure }
        if output.isEmpty { return 0 }
        do {
            if format == nil { try choose() }
            guard let codec else { return try window.readDirectly(into: output) }
            return try codec.decode(window, into: output)
        } catch {
            let named = explain(error)
            failure = named
            throw named
        }
    }

    /// Decodes a whole body in memory; more than `limit` decoded bytes are a failure, so that a bomb does no harm.
    public static func decode(_ bytes: UnsafeRawBufferPointer, name: String, limit: Int) throws -> [UInt8] {
        try decode(bytes, name: name) { _, total in
            guard total <= limit else {
                throw Failure(
                    .limit,
                    "\(name) is larger than \(limit) bytes when decompressed; send it in smaller parts")
            }
        }
    }

    /// Decodes a whole body in memory.
    ///
    /// - Parameter admit: asked before bytes are kept: how many, and how many there are with them. Throws to end it.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, name: String, admit: (_ count: Int, _ total: Int) throws -> Void
    ) throws -> [UInt8] {
        var rest = bytes[...]
        let decompressor = Decompressor(name: name) { buffer in
            let count = min(buffer.count, rest.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        var decoded: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try decompressor.read(into: chunk)
            if count == 0 { return decoded }
            try admit(count, decoded.count + count)
            decoded.append(contentsOf: chunk[..<count])
        }
    }

    /// The format that the first bytes of an input show.
    public static func format(of head: UnsafeRawBufferPointer) -> Format {
        if head.count >= 2, head[0] == 0x1f, head[1] == 0x8b { return .gzip }
        guard head.count >= 4 else { return .plain }
        let magic = UInt32(littleEndian: head.loadUnaligned(as: UInt32.self))
        let isSkippable = magic & 0xffff_fff0 == 0x184d_2a50
        return magic == 0xfd2f_b528 || isSkippable ? .zstd : .plain
    }

    private func choose() throws {
        _ = try window.fill(atLeast: 4)
        let format = Decompressor.format(of: window.bytes)
        switch format {
        case .plain: codec = nil
        case .gzip: codec = try GzipCodec()
        case .zstd: codec = try ZstdCodec()
        }
        self.format = format
    }

    private func explain(_ error: any Error) -> any Error {
        guard let damage = error as? Damage else { return error }
        let place = "at compressed byte \(window.consumed)"
        switch damage {
        case .cutOff:
            return Failure(
                .input,
                "\(name) is cut off: its \(format?.rawValue ?? "") data ends too early, \(place); fetch it again"
            )
        case .corrupt(let detail):
            return Failure(
                .input,
                "\(name) is damaged: bad \(format?.rawValue ?? "") data \(place) (\(detail)); fetch it again")
        }
    }
}

/// A decoder of one format.
protocol Codec: AnyObject {
    /// Decodes from `window` until it has made some output; zero is the end of the input.
    func decode(_ window: InputWindow, into output: UnsafeMutableRawBufferPointer) throws -> Int
}

/// What is wrong with compressed input; the decompressor adds whose and where.
enum Damage: Error {
    case cutOff
    case corrupt(String)
}
