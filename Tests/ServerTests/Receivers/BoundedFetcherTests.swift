import AsyncHTTPClient
import Dispatch
import Foundation
import Glibc
import HTTPTypes
import Primitives
import Testing

@testable import Server

/// Answers every connection to a port of this machine with the same bytes, or with none.
private final class RawServer: Sendable {
    let port: UInt16
    private let socket: Int32

    init(answer: String?) throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isBound)
        (socket, port) = (listener, UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 { return }
                guard let answer else { continue }
                var buffer = [UInt8](repeating: 0, count: 4_096)
                _ = read(connection, &buffer, buffer.count)
                _ = answer.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
                close(connection)
            }
        }
    }

    deinit { shutdown(socket, Int32(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)/x" }
}

@Suite("Fetching from SNS", .serialized)
struct BoundedFetcherTests {
    private func fetch(_ url: String, _ change: (inout BoundedFetcher) -> Void = { _ in }) async throws
        -> String
    {
        let client = BoundedFetcher.makeClient()
        var fetcher = BoundedFetcher(client: client)
        change(&fetcher)
        let result: Result<[UInt8], any Error>
        do { result = .success(try await fetcher.fetch(url)) } catch { result = .failure(error) }
        try await client.shutdown()
        return String(decoding: try result.get(), as: UTF8.self)
    }

    @Test("brings what is there")
    func fetches() async throws {
        let server = try RawServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
        #expect(try await fetch(server.url) == "abc")
    }

    @Test("follows no redirect", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let inside = try RawServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        let server = try RawServer(
            answer:
                "HTTP/1.1 \(status) Moved\r\nLocation: \(inside.url)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        let error = await #expect(throws: Failure.self) { try await fetch(server.url) }
        #expect(error?.message.contains("\(status)") == true)
    }

    @Test("takes no other status, no more than 64 KiB, and no longer than its time")
    func limits() async throws {
        let missing = try RawServer(
            answer: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await #expect(throws: Failure.self) { try await fetch(missing.url) }
        let large = String(repeating: "x", count: (64 << 10) + 1)
        let whole = try RawServer(
            answer:
                "HTTP/1.1 200 OK\r\nContent-Length: \(large.utf8.count)\r\nConnection: close\r\n\r\n\(large)")
        await #expect(throws: Failure.self) { try await fetch(whole.url) }
        let endless = try RawServer(answer: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(large)")
        await #expect(throws: Failure.self) { try await fetch(endless.url) }
        let silent = try RawServer(answer: nil)
        await #expect(throws: Failure.self) {
            try await fetch(silent.url) { $0.timeout = .milliseconds(200) }
        }
    }
}
