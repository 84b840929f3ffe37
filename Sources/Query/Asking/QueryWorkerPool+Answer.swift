import Primitives
import Synchronization

extension QueryWorkerPool {
    /// The most bytes of an answer that is held in memory.
    private static let mostBytes = 64 << 20

    /// Runs a statement, and holds all that it says.
    ///
    /// - Throws: ``Failure`` as ``run(_:onProgress:rows:)`` does, and of kind limit for an answer that is too large.
    func answer(_ request: QueryRequest) async throws -> [UInt8] {
        let bytes = Mutex<[UInt8]>([])
        try await run(request) { piece in
            let count = bytes.withLock { bytes in
                bytes += piece
                return bytes.count
            }
            guard count <= Self.mostBytes else {
                throw Failure(
                    .limit, "the answer is larger than \(Self.mostBytes >> 20) MiB; ask for fewer rows")
            }
        }
        return bytes.withLock { $0 }
    }
}
