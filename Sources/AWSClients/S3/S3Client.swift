import AWSProtocols
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives

/// Reads from one bucket of S3, or of a server that speaks like it ("Amazon S3 API Reference").
public struct S3Client: Sendable {
    /// The bucket.
    public let bucket: String
    let service: AWSService
    /// The bucket in front of the path; AWS itself has it in the host's name.
    private let pathPrefix: String
    private let resource: String

    /// A client of a bucket.
    ///
    /// AWS is asked at `BUCKET.s3.REGION.amazonaws.com`; a bucket with a dot in its name, for which that host has no
    /// certificate, and every other server by path.
    ///
    /// - Parameter endpoint: another server; nil is AWS.
    public init(
        bucket: String, region: String, endpoint: AWSEndpoint? = nil, credentials: AWSCredentialProvider,
        transport: AWSTransport, retry: RetryPolicy = RetryPolicy()
    ) {
        self.bucket = bucket
        let aws = AWSEndpoint(service: "s3", region: region)
        let isByHost = endpoint == nil && !bucket.contains(".")
        pathPrefix = isByHost ? "" : "/\(bucket)"
        resource = "arn:\(AWSPartition(region: region).name):s3:::\(bucket)"
        service = AWSService(
            transport: transport,
            endpoint: endpoint ?? (isByHost ? AWSEndpoint(aws, bucket: bucket) : aws), region: region,
            name: "s3",
            credentials: credentials, dialect: .s3, retry: retry)
    }

    /// A page of the objects whose keys begin with `prefix`.
    ///
    /// - Parameters:
    ///   - start: keys up to this one are left out.
    ///   - continuation: ``S3Page/next`` of the page before.
    /// - Throws: ``Failure``, `CancellationError`.
    public func list(
        prefix: String, after start: String? = nil, continuation: String? = nil, limit: Int = 1_000
    ) async throws -> S3Page {
        var pairs = [
            ("encoding-type", "url"), ("list-type", "2"), ("max-keys", "\(limit)"), ("prefix", prefix),
        ]
        if let start { pairs.append(("start-after", start)) }
        if let continuation { pairs.append(("continuation-token", continuation)) }
        let query = pairs.map { "\($0.0)=\(PercentEncoding.encode($0.1.utf8))" }.joined(separator: "&")
        let answer = try await service.answer(
            to: AWSRequest(path: pathPrefix.isEmpty ? "/" : pathPrefix, query: query),
            for: AWSAction(permission: "s3:ListBucket", object: "bucket \(bucket)", resource: resource))
        return try S3Page(parsing: answer.body)
    }

    /// Reads an object from its beginning and hands its bytes to `take`, piece by piece as they come.
    ///
    /// - Parameter etag: the content that is meant; nil takes any.
    /// - Returns: how many bytes it has.
    /// - Throws: ``Failure``: of kind notFound if it is not there, or no longer with that content; what `take` throws;
    ///   `CancellationError`.
    @discardableResult
    public func read(
        _ key: String, etag: String? = nil, limit: Int,
        _ take: @Sendable (ByteBuffer) async throws -> Void
    ) async throws -> Int {
        let headers = etag.map { [(name: "If-Match", value: "\"\($0)\"")] } ?? []
        let object = "object \(url(of: key))"
        let response = try await service.stream(
            AWSRequest(path: path(of: key), headers: headers), for: action("s3:GetObject", key))
        var count = 0
        do {
            for try await piece in response.body {
                count += piece.readableBytes
                guard count <= limit else {
                    throw Failure(
                        .input, "\(object) is larger than the limit of \(limit) bytes; import it in parts")
                }
                try await take(piece)
            }
        } catch let failure as Failure { throw failure } catch {
            if case .cancelled = TransportError(error) { throw CancellationError() }
            throw Failure(.storage, "reading \(object) broke off after \(count) bytes: \(error)")
        }
        return count
    }

    /// The first bytes of an object, at most 1,024.
    ///
    /// - Throws: ``Failure``, `CancellationError`.
    public func beginning(of key: String) async throws -> [UInt8] {
        let answer = try await service.answer(
            to: AWSRequest(path: path(of: key), headers: [("Range", "bytes=0-1023")]),
            for: action("s3:GetObject", key))
        return Array(answer.body.prefix(1_024))
    }

    /// What is known of an object without reading it.
    ///
    /// - Throws: ``Failure``, `CancellationError`.
    public func head(_ key: String) async throws -> S3Object {
        let answer = try await service.answer(
            to: AWSRequest(method: "HEAD", path: path(of: key)), for: action("s3:GetObject", key))
        let headers = answer.headers
        return S3Object(
            key: key, etag: headers.first(name: "etag")?.filter { $0 != "\"" } ?? "",
            size: headers.first(name: "content-length").flatMap { Int($0) } ?? 0,
            modifiedAt: headers.first(name: "last-modified").flatMap { Timestamp(httpDate: $0) }
                ?? Timestamp(microseconds: 0))
    }

    /// An object's name for people: `s3://my-events/ses/2026/…`.
    public func url(of key: String) -> String { "s3://\(bucket)/\(key)" }

    private func path(of key: String) -> String {
        "\(pathPrefix)/\(PercentEncoding.encode(key.utf8, keepingSlashes: true))"
    }

    private func action(_ permission: String, _ key: String) -> AWSAction {
        AWSAction(permission: permission, object: "object \(url(of: key))", resource: "\(resource)/\(key)")
    }
}

extension AWSEndpoint {
    /// The host of a bucket.
    fileprivate init(_ service: AWSEndpoint, bucket: String) {
        (scheme, authority) = (service.scheme, "\(bucket).\(service.authority)")
    }
}
