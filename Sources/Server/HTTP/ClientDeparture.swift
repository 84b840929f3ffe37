import HTTPTypes
import NIOCore

/// Tells whether the client of a request has gone, for work that nobody else wants.
struct ClientDeparture: Sendable {
    let channel: any Channel

    /// Runs `work`, and cancels it when the client has gone.
    ///
    /// A client that closes its side for sending is taken to have gone, as other servers take it.
    ///
    /// - Throws: ``HTTPProblem`` 499 where it has gone, which only the log will hear of.
    func cancelling<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let channel = channel
        channel.eventLoop.flatSubmit {
            do {
                let manners = try channel.pipeline.syncOperations.handler(type: ConnectionManners.self)
                return manners.departed(on: channel.eventLoop)
            } catch {
                // The pipeline of a closed connection is empty.
                return channel.closeFuture
            }
        }.whenComplete { _ in
            continuation.yield()
            continuation.finish()
        }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in stream { throw Self.gone }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw Self.gone }
            return value
        }
    }

    private static let gone = HTTPProblem(
        HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"), "client-gone",
        "the client has gone before the answer was there")
}
