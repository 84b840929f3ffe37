import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Stands for SNS's hosts at a port of this machine: answers each request with the certificate.
public struct CertificateHost: Sendable {
    private let channel: any Channel

    /// Where it listens, for `sesame serve --sns-endpoint`.
    public var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// Listens at `port`, 0 for any that is free.
    ///
    /// - Throws: ``Failure`` of kind storage if the port is taken.
    public init(port: Int, certificatePEM: [UInt8]) async throws {
        do {
            channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(Answer(certificatePEM))
                    }
                }
                .bind(host: "127.0.0.1", port: port).get()
        } catch {
            throw Failure(
                .storage,
                "cannot serve SNS's certificate at port \(port): \(error); choose another with --sns-port")
        }
    }

    /// Stops listening.
    public func close() async throws { try await channel.close() }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let pem: [UInt8]

        init(_ pem: [UInt8]) { self.pem = pem }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let headers: HTTPHeaders = [
                "Content-Type": "application/x-pem-file", "Content-Length": "\(pem.count)",
            ]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: pem)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
