import Analytics
import ControlPlane
import Dashboard
import Foundation
import HTTPTypes
import Lake
import Primitives
import Query
import Testing

@testable import Server

@Suite("Questions over HTTP")
struct QueryRoutesTests {
    /// Services whose lake is whatever `snapshot` says.
    private static func services(_ folder: TemporaryFolder, _ snapshot: @escaping QuerySnapshot.Reader) throws
        -> QueryServices
    {
        try QueryServices(
            lakeFolder: folder.path, resultsFolder: folder.path + "/results", executable: "/nonexistent",
            snapshot: snapshot)
    }

    @Test("every route is in the OpenAPI document, and no other")
    func openAPI() async throws {
        let folder = TemporaryFolder()
        let services = try Self.services(folder) { _ in throw CancellationError() }
        let lake = try EventLake(home: HomeDirectory(path: folder.path + "/home"))
        try await lake.create()
        let keeper = try await DatasetKeeper(lake)
        let change: @Sendable (inout HTTPServerService.Parts) -> Void = { parts in
            parts.queries = services
            parts.datasets = (keeper, lake)
            parts.erasures = ErasureJournal(HomeDirectory(path: folder.path))
            parts.retention = RetentionJournal(HomeDirectory(path: folder.path))
        }
        try await ServerFixture.run(change: change) { server in
            let answer = try await server.request("GET", "/api/v1/openapi.json")
            #expect(answer.status == 200 && answer.json["openapi"] as? String == "3.1.0")
            let paths = try #require(answer.json["paths"] as? [String: [String: Any]])
            let described = paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" }
            }
            var parts = HTTPServerService.Parts(control: server.control, sink: server.log)
            change(&parts)
            let access = Access(control: server.control, gate: parts.gate, workspace: parts.workspace)
            let metrics = MetricsRoute(
                registry: parts.registry, access: access, budget: ByteBudget(limit: 1), inFlight: .init(),
                log: { nil }, drainLag: { nil })
            // The pages and what they are made of are for people.
            let isPage = { (route: Route) in
                route.method == .get && Section.all.contains { $0.path == route.pattern }
                    || Section.details.contains { $0.pattern == route.pattern }
                    || ["/assets/", "/login", "/logout", "/setup", "/s/"].contains {
                        route.pattern.hasPrefix($0)
                    }
            }
            let routes = HTTPServerService.routes(.init(), parts, access, metrics).filter { !isPage($0) }.map(
                \.name)
            #expect(Set(described) == Set(routes) && described.count == routes.count)
        }
    }

    @Test("what the document refers to is in it")
    func references() throws {
        let json = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.answer.body)) as? [String: Any]
        let components = try #require(json?["components"] as? [String: [String: Any]])
        let schemas = try #require(components["schemas"])
        let text = String(decoding: OpenAPIDocument.answer.body, as: UTF8.self)
        let names = text.matches(of: /#\/components\/schemas\/([A-Za-z]+)/).map { String($0.1) }
        #expect(!names.isEmpty && Set(names).isSubset(of: Set(schemas.keys)))
        let identifiers = text.matches(of: /"operationId":"([A-Za-z]+)"/).map { String($0.1) }
        #expect(
            identifiers.count == OpenAPIDocument.operations.count
                && Set(identifiers).count == identifiers.count)
    }

    @Test("a query without a token, or with one that only sends, is refused")
    func access() async throws {
        let folder = TemporaryFolder()
        let services = try Self.services(folder) { _ in throw CancellationError() }
        try await ServerFixture.run(change: { $0.queries = services }) { server in
            let sender = try await server.token([.ingest])
            for (method, path) in [
                ("POST", "/api/v1/query"), ("GET", "/api/v1/metrics"), ("GET", "/api/v1/dimensions"),
                ("POST", "/api/v1/sql"), ("GET", "/api/v1/sql"),
                ("GET", "/api/v1/sql/x"), ("GET", "/api/v1/sql/x/rows"), ("POST", "/api/v1/sql/x/cancel"),
                ("GET", "/api/v1/sql/x/parquet"), ("GET", "/api/v1/catalog"), ("POST", "/api/v1/events"),
                ("GET", "/api/v1/search?q=ann"), ("GET", "/api/v1/recipients?address=ann@example.com"),
                ("GET", "/api/v1/messages/x"), ("GET", "/api/v1/saved"), ("POST", "/api/v1/saved"),
                ("DELETE", "/api/v1/saved/1"),
            ] {
                let body = method == "POST" ? Array("{}".utf8) : nil
                #expect(try await server.request(method, path, body: body).status == 401, "\(path)")
                let answer = try await server.request(
                    method, path, headers: ["Authorization: Bearer \(sender)"], body: body)
                #expect(answer.status == 403 && answer.code == "insufficient-scope", "\(path)")
            }
        }
    }

    @Test(
        "what is wrong is told with a code, a place and a hint",
        arguments: [
            ("POST", "/api/v1/query", #"{"metrics":["bounce_rat"]}"#, 400, "unknown-metric", "/metrics/0"),
            ("POST", "/api/v1/query", "[", 400, "not-json", ""),
            ("POST", "/api/v1/query?format=xml", "{}", 400, "bad-format", nil),
            ("POST", "/api/v1/sql", "{}", 400, "not-json", nil),
            ("POST", "/api/v1/sql", #"{"sql":"SELECT 1","timeout_seconds":-1}"#, 400, "bad-timeout", nil),
            ("POST", "/api/v1/sql", #"{"sql":"a\u0000b"}"#, 400, "bad-statement", nil),
            ("GET", "/api/v1/sql/none", "", 404, "not-found", nil),
            ("GET", "/api/v1/sql/none/rows?limit=0", "", 400, "bad-request", nil),
            ("POST", "/api/v1/sql/none/cancel", "{}", 404, "not-found", nil),
            ("GET", "/api/v1/sql/none/parquet", "", 404, "not-found", nil),
            ("GET", "/api/v1/search?q=a", "", 400, "bad-value", ""),
            ("GET", "/api/v1/recipients", "", 400, "bad-value", ""),
            ("GET", "/api/v1/recipients?address=a&limit=0", "", 400, "bad-request", nil),
            ("POST", "/api/v1/events?after=x", "{}", 400, "bad-value", ""),
            ("POST", "/api/v1/events", #"{"metrics":["nope"]}"#, 400, "unknown-metric", "/metrics/0"),
            ("POST", "/api/v1/events", #"{"dimensions":["day"]}"#, 400, "bad-value", "/dimensions"),
            ("GET", "/api/v1/saved?kind=x", "", 400, "bad-request", nil),
        ] as [(String, String, String, Int, String, String?)])
    func problems(method: String, path: String, body: String, status: Int, code: String, pointer: String?)
        async throws
    {
        let folder = TemporaryFolder()
        let services = try Self.services(folder) { _ in throw CancellationError() }
        try await ServerFixture.run(change: { $0.queries = services }) { server in
            let headers = ["Authorization: Bearer \(try await server.token([.read]))"]
            let answer = try await server.request(
                method, path, headers: headers, body: method == "POST" ? Array(body.utf8) : nil)
            #expect(answer.status == status && answer.code == code, "\(answer.text)")
            #expect(answer.json["pointer"] as? String == pointer)
            #expect(answer.headers["content-type"] == "application/problem+json")
        }
    }

    @Test("an Accept that leaves nothing is 406")
    func accept() async throws {
        let folder = TemporaryFolder()
        let services = try Self.services(folder) { _ in throw CancellationError() }
        try await ServerFixture.run(change: { $0.queries = services }) { server in
            let headers = ["Authorization: Bearer \(try await server.token([.read]))", "Accept: image/png"]
            let answer = try await server.request(
                "POST", "/api/v1/query", headers: headers, body: Array("{}".utf8))
            #expect(answer.status == 406 && answer.code == "not-acceptable")
        }
    }

    @Test("when the client leaves, its query is cancelled")
    func departure() async throws {
        let folder = TemporaryFolder()
        let (began, announceBegin) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let (ended, announceEnd) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        let services = try Self.services(folder) { _ in
            announceBegin.yield()
            // Nothing but cancellation ends it.
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            announceEnd.yield(Task.isCancelled)
            throw CancellationError()
        }
        try await ServerFixture.run(change: { $0.queries = services }) { server in
            let client = try await server.connect()
            let headers = ["Authorization: Bearer \(try await server.token([.read]))"]
            await client.send(
                request: "POST", "/api/v1/query", headers: headers,
                body: Array(#"{"metrics":["sends"]}"#.utf8))
            for await _ in began { break }
            await client.close()
            for await wasCancelled in ended {
                #expect(wasCancelled)
                break
            }
        }
    }
}
