import Compression
import HTTPTypes
import Primitives

/// Decompresses bodies on a thread of its own, for a large one takes long enough to hold up all other requests.
actor BodyDecoder {
    static let shared = BodyDecoder()

    private let executor = BlockingExecutor(label: "sesame.http.decoder")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The body as its sender had it before compression.
    ///
    /// The first bytes tell the format, for some proxies decompress and leave the header, and some senders compress and set
    /// none. A bomb is noticed after `limit` bytes, all of them paid for from `share`.
    nonisolated func decode(_ body: [UInt8], encoding: String?, limit: Int, share: ByteBudget.Share)
        async throws -> [UInt8]
    {
        let known = ["", "identity", "gzip", "x-gzip", "zstd"]
        guard known.contains((encoding ?? "").lowercased()) else {
            throw HTTPProblem(
                .unsupportedMediaType, "unsupported-encoding",
                "the body has a Content-Encoding other than gzip and zstd",
                hint: "compress with gzip or zstd, once, or not at all")
        }
        let isPlain = body.span.withUnsafeBytes { Decompressor.format(of: $0) == .plain }
        return isPlain ? body : try await inflate(body, limit: limit, share: share)
    }

    private func inflate(_ body: [UInt8], limit: Int, share: ByteBudget.Share) throws -> [UInt8] {
        try body.withUnsafeBytes { bytes in
            try Decompressor.decode(bytes, name: "the body") { count, total in
                guard total <= limit else { throw HTTPProblem.decodedBodyTooLarge(limit: limit) }
                try share.grow(by: count)
            }
        }
    }

    /// A body that is decompressed under the name that its sender is told.
    ///
    /// - Throws: ``Failure`` of kind limit beyond `limit` bytes, and input for what cannot be decompressed.
    func inflate(_ body: [UInt8], name: String, limit: Int) throws -> [UInt8] {
        try body.withUnsafeBytes { try Decompressor.decode($0, name: name, limit: limit) }
    }
}
