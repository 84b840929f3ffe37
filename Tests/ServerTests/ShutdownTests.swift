import EventLog
import Foundation
import Logging
import Primitives
import ServiceLifecycle
import Testing

@testable import Server

@Suite("Shutting down")
struct ShutdownTests {
    @Test("answers the request in flight, closes idle connections and takes no new ones")
    func graceful() async throws {
        let sink = HeldSink()
        try await ServerFixture.run(change: { sink.wrap(&$0.sink) }) { server in
            let token = try await server.token()
            let idle = try await server.connect()
            await idle.send(request: "GET", "/health/live")
            _ = try await idle.receive()
            let busy = try await server.connect()
            await busy.send(
                request: "POST", "/v1/events", headers: ["Authorization: Bearer \(token)"],
                body: Array("{}".utf8))
            await sink.arrival()
            await server.group.triggerGracefulShutdown()
            #expect(try await idle.receiveAll().isEmpty)
            await #expect(throws: (any Error).self) {
                let late = try await server.connect()
                await late.send(request: "GET", "/health/live")
                _ = try await late.receive()
            }
            await sink.open()
            #expect(try await busy.receive().status == 200)
            #expect(try await busy.receiveAll().isEmpty)
            #expect(server.log.durableEnd == 1)
            for client in [idle, busy] { await client.close() }
        }
    }

    @Test("an address that is taken is an error that names it")
    func addressTaken() async throws {
        try await ServerFixture.run { server in
            var configuration = ServerConfiguration()
            configuration.port = server.port
            let second = try HTTPServerService(
                configuration: configuration, log: server.log, control: server.control,
                logger: Logger(label: "second") { _ in SwiftLogNoOpLogHandler() })
            let failure = await #expect(throws: Failure.self) { try await second.run() }
            #expect(failure?.kind == .storage)
            #expect(failure?.message.hasPrefix("cannot listen on 127.0.0.1 port \(server.port)") == true)
        }
    }

    @Test("TLS that cannot be set up is an error that names the files")
    func badCertificate() async throws {
        try await ServerFixture.run { server in
            var configuration = ServerConfiguration()
            (configuration.tlsCertificate, configuration.tlsKey) = ("/nowhere/c.pem", "/nowhere/k.pem")
            let failure = #expect(throws: Failure.self) {
                try HTTPServerService(
                    configuration: configuration, log: server.log, control: server.control,
                    logger: server.logLines.logger)
            }
            #expect(failure?.kind == .usage && failure?.message.contains("/nowhere/c.pem") == true)
        }
    }
}
