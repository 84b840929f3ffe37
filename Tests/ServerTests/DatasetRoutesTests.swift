import ControlPlane
import Foundation
import Primitives
import Testing

@testable import Lake
@testable import Server

@Suite("Datasets over HTTP")
struct DatasetRoutesTests {
    private let folder = TemporaryFolder()
    private let csv = "email,region\nann@example.com,EU\n"

    /// A server over a lake of its own, whose uploads may have 1 MiB.
    private func run(_ body: @Sendable (ServerFixture, EventLake) async throws -> Void) async throws {
        let lake = try EventLake(home: HomeDirectory(path: folder.path))
        try await lake.create()
        let keeper = try await DatasetKeeper(lake)
        await keeper.release()
        var configuration = ServerConfiguration()
        configuration.maximumDatasetBody = 1 << 20
        try await ServerFixture.run(configuration, change: { $0.datasets = (keeper, lake) }) { server in
            try await body(server, lake)
        }
    }

    private func put(
        _ server: ServerFixture, _ headers: [String], _ body: some Collection<UInt8>,
        _ path: String = "/api/v1/datasets/orders"
    ) async throws -> RawClient.Answer {
        try await server.request("PUT", path, headers: headers, body: Array(body))
    }

    private func uploads(_ lake: EventLake) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: lake.home.uploads.path)) ?? []
    }

    /// Waits for something that the server does; each look is an answer of the server, so that it ends with its work and not after a time.
    private func wait(_ server: ServerFixture, until isSo: () -> Bool) async throws {
        for _ in 0..<20_000 where !isSo() { _ = try await server.request("GET", "/health/live") }
        try #require(isSo())
    }

    @Test("a file is taken in, replaced, extended, listed and dropped, and the audit log has it all")
    func life() async throws {
        try await run { server, lake in
            let admin = ["Authorization: Bearer \(try await server.token([.admin, .read]))"]
            let path = "/api/v1/datasets/orders"
            let made = try await put(server, admin, csv.utf8)
            #expect(made.status == 200 && made.json["rows"] as? Int == 1, "\(made.text)")
            #expect((made.json["columns"] as? [[String: String]])?.map { $0["name"] } == ["email", "region"])
            let again = try await put(server, admin, csv.utf8)
            #expect(again.status == 409 && again.code == "dataset-conflict", "\(again.text)")
            #expect(try await put(server, admin, csv.utf8, path + "?mode=append").status == 200)
            let other = try await put(server, admin, "a\n1\n".utf8, path + "?mode=append")
            #expect(other.code == "dataset-conflict", "\(other.text)")
            #expect(
                try await put(server, admin, (csv + "bob@example.com,US\n").utf8, path + "?mode=replace")
                    .status
                    == 200)
            let list = try await server.request("GET", "/api/v1/datasets", headers: admin)
            #expect((list.json["datasets"] as? [[String: Any]])?.map { $0["rows"] as? Int } == [2])
            #expect(try await server.request("DELETE", path, headers: admin).status == 200)
            #expect(try await server.request("DELETE", path, headers: admin).code == "not-found")
            #expect(
                try await server.control.auditLog(limit: 4).map(\.action) == [
                    "dataset.drop", "dataset.replace", "dataset.append", "dataset.create",
                ])
            #expect(uploads(lake) == [])
        }
    }

    @Test("what cannot be a dataset is refused with a reason, and nothing of it stays")
    func refusals() async throws {
        try await run { server, lake in
            let admin = ["Authorization: Bearer \(try await server.token([.admin, .read]))"]
            let (path, large) = ("/api/v1/datasets/", Array(repeating: UInt8(ascii: "a"), count: 1 << 20 + 1))
            for (name, headers, body, status, code) in [
                ("orders", [], Array(csv.utf8), 401, "unauthorized"),
                ("events", admin, Array(csv.utf8), 400, "bad-request"),
                ("..%2Fevents", admin, Array(csv.utf8), 400, "bad-request"),
                ("orders?mode=merge", admin, Array(csv.utf8), 400, "bad-request"),
                ("orders", admin, [], 400, "unreadable"),
                ("orders", admin + ["Content-Type: application/json"], Array("a,b".utf8), 400, "unreadable"),
                ("orders", admin, large, 413, "body-too-large"),
            ] as [(String, [String], [UInt8], Int, String)] {
                let answer = try await put(server, headers, body, path + name)
                #expect(answer.status == status && answer.code == code, "\(name): \(answer.text)")
            }
            let named = try await put(
                server, admin + ["Content-Type: application/json"], "{".utf8,
                path + "orders?file=my%20orders.json")
            #expect(named.text.contains("my orders.json cannot be read"), "\(named.text)")
            #expect(!named.text.contains(folder.path))
            #expect(try await lake.datasets().isEmpty && uploads(lake) == [])
        }
    }

    @Test("a body that ends in the middle, or grows beyond the limit as it comes, leaves nothing")
    func cut() async throws {
        try await run { server, lake in
            let token = try await server.token([.admin])
            let head =
                "PUT /api/v1/datasets/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
            let client = try await server.connect()
            await client.send(Array("\(head)Content-Length: 100000\r\n\r\n\(csv)".utf8))
            try await wait(server) { !uploads(lake).isEmpty }
            await client.close()
            try await wait(server) { uploads(lake).isEmpty }
            let chunked = try await server.connect()
            await chunked.send(Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8))
            let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 16)
            for _ in 0..<17 { await chunked.send(Array("10000\r\n".utf8) + piece + Array("\r\n".utf8)) }
            let answer = try await chunked.receive()
            #expect(answer.status == 413 && answer.code == "body-too-large", "\(answer.text)")
            await chunked.close()
            #expect(try await lake.datasets().isEmpty && uploads(lake) == [])
        }
    }

    @Test("an analyst may make one, and an admin change what others use; a viewer looks")
    func roles() async throws {
        try await run { server, _ in
            var headers: [Role: [String]] = [:]
            for role in Role.allCases {
                let user = try await server.control.addUser(
                    email: "\(role)@example.com", name: "", role: role, password: "correct horse battery",
                    by: ServerFixture.actor)
                let (secret, session) = try await server.control.beginSession(for: user)
                headers[role] = ["Cookie: sesame=\(secret.text)", "X-CSRF-Token: \(session.csrfToken)"]
            }
            let path = "/api/v1/datasets/orders"
            let (viewer, analyst, admin) = (
                headers[.viewer] ?? [], headers[.analyst] ?? [], headers[.admin] ?? []
            )
            #expect(try await put(server, viewer, csv.utf8).code == "insufficient-role")
            #expect(try await put(server, [analyst[0]], csv.utf8).code == "bad-csrf-token")
            #expect(try await put(server, analyst, csv.utf8).status == 200)
            for mode in ["replace", "append", "merge"] {
                #expect(
                    try await put(server, analyst, csv.utf8, "\(path)?mode=\(mode)").code
                        == "insufficient-role")
            }
            #expect(try await server.request("DELETE", path, headers: analyst).code == "insufficient-role")
            #expect(try await server.request("GET", "/api/v1/datasets", headers: viewer).status == 200)
            #expect(try await put(server, admin, csv.utf8, path + "?mode=append").status == 200)
            #expect(try await server.request("DELETE", path, headers: admin).status == 200)
            let reader = ["Authorization: Bearer \(try await server.token([.read]))"]
            #expect(try await put(server, reader, csv.utf8).code == "insufficient-scope")
        }
    }
}
