import AsyncHTTPClient
import Foundation
import Lake
import NIOCore
import NIOHTTP1
import Primitives

extension LocalServer {
    /// Sends a file that becomes rows of a dataset.
    ///
    /// - Parameter progress: hears how many bytes of how many were sent.
    /// - Throws: ``Failure`` as ``EventLake/addDataset(_:from:mode:)``, of kind limit for a file that the server does not take, and
    ///   storage where it does not answer.
    public func addDataset(
        _ name: String, from path: String, mode: DatasetMode,
        progress: @escaping @Sendable (_ sent: Int, _ all: Int) -> Void
    ) async throws -> DatasetReport {
        let file = try DatasetFile(path)
        let pieces = try await FilePieces(path)
        let (all, label) = (
            pieces.size, path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        )
        let type = file.format.mediaType
        let body = try await withToken("dataset add on the command line") { client, token in
            var call = HTTPClientRequest(
                url: "\(url)/api/v1/datasets/\(name)?mode=\(mode.rawValue)&file=\(label)")
            call.method = .PUT
            call.headers.add(name: "Content-Type", value: type)
            let content = AsyncThrowingStream<ByteBuffer, any Error>(unfolding: {
                let piece = try await pieces.next()
                progress(await pieces.sent, all)
                return piece
            })
            call.body = .stream(content, length: .known(Int64(all)))
            return try await answer(to: call, client, token)
        }
        guard let report = try? JSONDecoder().decode(DatasetReport.self, from: body) else {
            throw Failure(
                .storage, "what answers at \(url) is not Sesame; look at server.url in the home folder")
        }
        return report
    }

    /// Takes a dataset away.
    ///
    /// - Throws: ``Failure`` of kind notFound, or storage where the server does not answer.
    public func dropDataset(_ name: String) async throws {
        // A name that is none is in no path; the server would look for another one.
        let path = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try await withToken("dataset drop on the command line") { client, token in
            var call = HTTPClientRequest(url: "\(url)/api/v1/datasets/\(path)")
            call.method = .DELETE
            _ = try await answer(to: call, client, token)
        }
    }

    /// The body of a good answer; what went wrong is told as if it had happened here.
    private func answer(to call: HTTPClientRequest, _ client: HTTPClient, _ token: String) async throws
        -> Data
    {
        let reply: Reply
        do { reply = try await send(call, client, token, timeout: .hours(1)) } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .storage,
                "the server at \(url) has this home open and does not answer (\(error)); run this again, or stop it before"
            )
        }
        guard reply.status != .ok else { return reply.body }
        let detail = reply.detail
        switch (reply.status.code, reply.problem?.code) {
        case (400, "unreadable"): throw Failure(.input, detail)
        case (400, _): throw Failure(.usage, detail)
        case (404, "not-found"): throw Failure(.notFound, detail)
        case (409, _): throw Failure(.refused, detail)
        case (413, _):
            throw Failure(
                .limit,
                "the server at \(url) takes no such file: \(detail); run it with a greater --max-dataset-body, or stop it and run this again"
            )
        default: throw Failure(.storage, "the server at \(url) answers \(reply.status.code): \(detail)")
        }
    }
}

/// A file, read piece by piece on a thread of its own.
private actor FilePieces {
    private static let pieceSize = 256 << 10

    private let executor = BlockingExecutor(label: "sesame.dataset-file")
    private let path: String
    private let file: FileHandle
    nonisolated let size: Int
    private(set) var sent = 0

    init(_ path: String) async throws {
        self.path = path
        guard let file = FileHandle(forReadingAtPath: path),
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        else { throw Failure(.storage, "\(path) cannot be read") }
        (self.file, self.size) = (file, size)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The next piece; nil at the end. A file that grows meanwhile is read as far as it went.
    func next() throws -> ByteBuffer? {
        let count = min(Self.pieceSize, size - sent)
        guard count > 0 else { return nil }
        do {
            guard let data = try file.read(upToCount: count), !data.isEmpty else {
                throw Failure(.storage, "\(path) became shorter while it was read")
            }
            sent += data.count
            return ByteBuffer(bytes: data)
        } catch let failure as Failure { throw failure } catch {
            throw Failure(.storage, "\(path) cannot be read: \(error)")
        }
    }
}
