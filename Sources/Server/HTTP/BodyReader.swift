import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Reads a request's body into memory, within its route's limit, the server's budget and the time for it.
struct BodyReader: Sendable {
    /// Where the reading stands.
    enum Progress: Sendable { case untouched, broken, whole }

    private let body: RequestBody
    private let declared: Int?
    private let isChunked: Bool
    private let limit: Int
    private let deadline: @Sendable () -> Scheduled<Void>
    private let share: ByteBudget.Share
    private let state: State

    private final class State: Sendable {
        let progress = Mutex(Progress.untouched)
        let received = Mutex(0)
    }

    /// - Parameter deadline: starts the clock after which the connection is closed; cancelled when the body has come.
    init(
        _ request: Request, limit: Int, share: ByteBudget.Share,
        deadline: @escaping @Sendable () -> Scheduled<Void>
    ) {
        body = request.body
        declared = request.headers[.contentLength].flatMap { Int($0) }
        isChunked = request.headers.contains(.transferEncoding)
        (self.limit, self.share, self.deadline) = (limit, share, deadline)
        state = State()
        if !isChunked, declared ?? 0 == 0 { state.progress.withLock { $0 = .whole } }
    }

    /// Bytes that have come.
    var received: Int { state.received.withLock { $0 } }

    /// Whether the rest is too much to be read away: then the connection has to end with the answer.
    var leavesMuch: Bool {
        guard state.progress.withLock({ $0 }) != .whole else { return false }
        return isChunked || (declared ?? 0) - received > 64 << 10
    }

    /// All of the body.
    ///
    /// - Throws: ``HTTPProblem`` 413 beyond the limit, 503 beyond the budget, and 400 where it ends too early.
    func readAll() async throws -> [UInt8] {
        if state.progress.withLock({ $0 }) == .whole { return [] }
        state.progress.withLock { $0 = .broken }
        if let declared, declared > limit { throw HTTPProblem.bodyTooLarge(limit: limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(declared ?? 0, 1 << 20))
        let clock = deadline()
        defer { clock.cancel() }
        var iterator = body.makeAsyncIterator()
        while let buffer = try await next(&iterator) {
            let count = buffer.readableBytes
            guard bytes.count + count <= limit else { throw HTTPProblem.bodyTooLarge(limit: limit) }
            try share.grow(by: count)
            buffer.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
            state.received.withLock { $0 += count }
        }
        // A connection that is lost looks like the end of the body.
        if let declared, declared != bytes.count { throw HTTPProblem.bodyIncomplete }
        state.progress.withLock { $0 = .whole }
        return bytes
    }

    private func next(_ iterator: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do { return try await iterator.next() } catch { throw HTTPProblem.bodyIncomplete }
    }

    /// All of the body, decompressed.
    func readDecoded(_ encoding: String?) async throws -> [UInt8] {
        try await BodyDecoder.shared.decode(
            try await readAll(), encoding: encoding, limit: limit, share: share)
    }
}
