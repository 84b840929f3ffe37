import AsyncHTTPClient
import ControlPlane
import Foundation
import Ingest
import NIOCore
import NIOHTTP1
import HummingbirdTLS
import Primitives

/// The server that runs over a home, as a command on the same machine reaches it.
///
/// A server writes its address into `<home>/server.url`, a file for its own user only, and removes it when it ends. Who may
/// read the home may make a token for it too, so the command makes one that lives for minutes and revokes it at the end; the
/// audit log shows both.
public struct LocalServer: Sendable {
    let url: String
    private let control: ControlDatabase
    private let actor: AuditActor

    private static func file(_ home: URL) -> URL { home.appending(path: "server.url") }

    /// Says where a home's server listens, until ``withdraw(_:)``. A file that cannot be written costs only commands beside it.
    public static func announce(_ url: String, in home: URL) {
        let path = file(home).path
        _ = FileManager.default.createFile(
            atPath: path, contents: Data((url + "\n").utf8), attributes: [.posixPermissions: 0o600])
    }

    /// Takes the address away.
    public static func withdraw(_ home: URL) { try? FileManager.default.removeItem(at: file(home)) }

    /// Where the server of a home said that it listens; nil if none did. One that was killed says so still.
    public static func address(in home: URL) -> String? {
        (try? String(contentsOf: file(home), encoding: .utf8))?.trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    /// The server of a home; nil if none has said where it listens. Whether it still runs shows when it is asked.
    public init?(home: URL, control: ControlDatabase, by actor: AuditActor) {
        guard let url = Self.address(in: home) else { return nil }
        self.url = url
        (self.control, self.actor) = (control, actor)
    }

    /// Replays refused records, page by page.
    ///
    /// - Throws: ``Failure`` with the server's words, or of kind storage where it does not answer.
    public func replay(_ request: ReplayRequest) async throws -> ReplayReport {
        try await withToken("replay on the command line") { client, token in
            try await pages(request, client, token)
        }
    }

    /// Runs `body` with a client and a token of the scope admin that works for an hour at most, and no longer than that.
    func withToken<Value: Sendable>(_ purpose: String, _ body: (HTTPClient, String) async throws -> Value)
        async throws -> Value
    {
        let lifetime: Int64 = 3_600_000_000
        let (secret, token) = try await control.addToken(
            purpose, scopes: [.admin],
            expiresAt: Timestamp(microseconds: Timestamp.now.microseconds + lifetime), by: actor)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
        let result: Result<Value, any Error>
        do { result = .success(try await body(client, secret.text)) } catch { result = .failure(error) }
        try await client.shutdown()
        try await control.revokeToken(token.id, by: actor)
        return try result.get()
    }

    private static var configuration: HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        // The certificate names the address that others use, not this machine's. The address is from a file that only the
        // server's user can write, so there is nobody else to be taken for it.
        tls.certificateVerification = .none
        return HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
    }

    private func pages(_ request: ReplayRequest, _ client: HTTPClient, _ token: String) async throws
        -> ReplayReport
    {
        var (request, report) = (request, ReplayReport())
        repeat {
            let body = try await post(request, client, token)
            guard let page = try? JSONDecoder().decode(ReplayReport.self, from: body),
                let place = try? JSONDecoder().decode(NextPage.self, from: body)
            else {
                throw Failure(
                    .storage, "what answers at \(url) is not Sesame; look at server.url in the home folder")
            }
            report.add(page)
            request.after = place.next
        } while request.after != nil
        return report
    }

    private func post(_ request: ReplayRequest, _ client: HTTPClient, _ token: String) async throws -> Data {
        var call = HTTPClientRequest(url: url + "/api/v1/refused/replay")
        call.method = .POST
        call.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(request)))
        let reply: Reply
        do { reply = try await send(call, client, token, timeout: .minutes(10)) } catch {
            throw Failure(
                .storage,
                "the server at \(url) does not answer (\(error)); what was replayed before it stays so, run this again"
            )
        }
        guard reply.status == .ok else {
            throw Failure(
                reply.status.code < 500 ? .usage : .storage,
                "the server at \(url) answers \(reply.status.code): \(reply.detail)")
        }
        return reply.body
    }

    /// Sends a call with a token and collects what comes back.
    func send(_ call: HTTPClientRequest, _ client: HTTPClient, _ token: String, timeout: TimeAmount)
        async throws -> Reply
    {
        var call = call
        call.headers.add(name: "Authorization", value: "Bearer \(token)")
        let answer = try await client.execute(call, timeout: timeout)
        return Reply(
            status: answer.status, body: Data(buffer: try await answer.body.collect(upTo: 1 << 20)))
    }

    private struct NextPage: Decodable { var next: String? }

    /// What the server answered.
    struct Reply {
        let status: HTTPResponseStatus
        let body: Data

        /// What went wrong, where the server told it in its way.
        var problem: Problem? { try? JSONDecoder().decode(Problem.self, from: body) }
        /// The server's words for it.
        var detail: String { problem?.detail ?? "without a word" }
    }

    /// What is read of a problem.
    struct Problem: Decodable {
        var detail: String
        var code: String?
    }
}

extension Data {
    init(buffer: ByteBuffer) { self.init(buffer.readableBytesView) }
}
