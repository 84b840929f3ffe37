import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// Reads a request's body, within its route's limit and the time for it; into memory within the server's budget, or piece by piece.
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
        guard !isWhole else { return false }
        return isChunked || (declared ?? 0) - received > 64 << 10
    }

    /// All of the body.
    ///
    /// - Throws: ``HTTPProblem`` 413 beyond the limit, 503 beyond the budget, and 400 where it ends too early.
    func readAll() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(declared ?? 0, limit, 1 << 20))
        let clock = isWhole ? nil : deadline()
        defer { clock?.cancel() }
        try await receive {
            try await $0.next()
        } take: { piece in
            try share.grow(by: piece.readableBytes)
            piece.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Hands on the body as it comes, so that it is never in memory as a whole. Each piece has the time that other bodies have
    /// for all of theirs.
    ///
    /// - Throws: ``HTTPProblem`` 413 beyond the limit, 400 where it ends too early, and what `take` throws.
    func forEachPiece(_ take: (ByteBuffer) async throws -> Void) async throws {
        try await receive(
            next: { iterator in
                let clock = deadline()
                defer { clock.cancel() }
                return try await iterator.next()
            }, take: take)
    }

    private var isWhole: Bool { state.progress.withLock { $0 } == .whole }

    private func receive(
        next: (inout RequestBody.AsyncIterator) async throws -> ByteBuffer?,
        take: (ByteBuffer) async throws -> Void
    ) async throws {
        if isWhole { return }
        state.progress.withLock { $0 = .broken }
        if let declared, declared > limit { throw HTTPProblem.bodyTooLarge(limit: limit) }
        var count = 0
        var iterator = body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do { piece = try await next(&iterator) } catch { throw HTTPProblem.bodyIncomplete }
            guard let piece else { break }
            count += piece.readableBytes
            guard count <= limit else { throw HTTPProblem.bodyTooLarge(limit: limit) }
            try await take(piece)
            state.received.withLock { $0 += piece.readableBytes }
        }
        // A connection that is lost looks like the end of the body.
        if let declared, declared != count { throw HTTPProblem.bodyIncomplete }
        state.progress.withLock { $0 = .whole }
    }

    /// All of the body, decompressed.
    func readDecoded(_ encoding: String?) async throws -> [UInt8] {
        try await BodyDecoder.shared.decode(
            try await readAll(), encoding: encoding, limit: limit, share: share)
    }
}
