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
final class ConnectionManners: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    static let lingering = TimeAmount.seconds(2)

    private var endsWithAnswer = false
    private var isLingering = false
    private var end: Scheduled<Void>?
    private var departure: EventLoopPromise<Void>?

    /// Succeeds when the client has gone, or has said that it sends no more; only on the connection's event loop.
    func departed(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = departure ?? loop.makePromise()
        departure = promise
        if isDeparted { promise.succeed() }
        return promise.futureResult
    }

    private var isDeparted = false {
        didSet { departure?.succeed() }
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
        isDeparted = true
        context.fireChannelInactive()
    }
}
