import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// What Hummingbird leaves out of HTTP/1.1 on a connection.
///
/// - A request with `Expect: 100-continue` is told to go on; its sender would else wait a second.
/// - Who runs a long query can learn that its client has gone.
/// - After an answer with `Connection: close` the connection ends, though the rest of a refused body is still under way. Closing at
///   once would make the kernel reset the connection, and the sender would see that in place of the answer. So our side is
///   closed, what still comes is thrown away, and after ``lingering`` all is closed.
/// - Who asks and does not read the answers is cut off after a time, which would else hold its connection for ever.
final class ConnectionManners: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    static let lingering = TimeAmount.seconds(2)

    private let unreadTimeout: TimeAmount
    private var endsWithAnswer = false
    private var isLingering = false
    private var end: Scheduled<Void>?
    private var unread: Scheduled<Void>?
    private var departure: EventLoopPromise<Void>?
    private var isDeparted = false {
        didSet { departure?.succeed() }
    }

    /// - Parameter unreadTimeout: how long answers may wait for their reader without a byte of them being taken.
    init(unreadTimeout: TimeAmount) { self.unreadTimeout = unreadTimeout }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        unread?.cancel()
        unread = nil
        if !context.channel.isWritable { watchReader(context, Self.unsentBytes(context)) }
        context.fireChannelWritabilityChanged()
    }

    /// Closes the connection if of so many bytes none is taken in time; a slow reader is let go on.
    private func watchReader(_ context: ChannelHandlerContext, _ before: Int) {
        unread = context.eventLoop.assumeIsolated().scheduleTask(in: unreadTimeout) { [self] in
            let now = Self.unsentBytes(context)
            if now < before { watchReader(context, now) } else { context.close(promise: nil) }
        }
    }

    private static func unsentBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Succeeds when the client has gone, or has said that it sends no more; only on the connection's event loop.
    func departed(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = departure ?? loop.makePromise()
        departure = promise
        if isDeparted { promise.succeed() }
        return promise.futureResult
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { isDeparted = true }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) { isDeparted = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isLingering { return }
        if case .head(let head) = unwrapInboundIn(data),
            head.headerFields[.expect]?.lowercased() == "100-continue"
        {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let response) where response.headerFields[.connection] == "close": endsWithAnswer = true
        case .end where endsWithAnswer && !isLingering:
            isLingering = true
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
            let channel = context.channel
            end = context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
            return
        default: break
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end?.cancel()
        unread?.cancel()
        isDeparted = true
        context.fireChannelInactive()
    }
}
