import AWSProtocols
import Foundation
import NIOCore
import Primitives

/// Reads from one queue of SQS, in its JSON protocol ("Amazon SQS API Reference"; service 2012-11-05, JSON 1.0).
public struct SQSClient: Sendable {
    /// The queue's URL.
    public let queueURL: String
    private let service: AWSService
    private let resource: String

    /// A client of the queue at a URL; requests go to the host that the URL names.
    ///
    /// - Throws: ``Failure`` of kind usage if it is no URL.
    public init(
        queueURL: String, region: String, credentials: AWSCredentialProvider, transport: AWSTransport,
        retry: RetryPolicy = RetryPolicy()
    ) throws(Failure) {
        self.queueURL = queueURL
        let parts = queueURL.split(separator: "/").suffix(2)
        resource =
            "arn:\(AWSPartition(region: region).name):sqs:\(region):\(parts.first ?? ""):\(parts.last ?? "")"
        service = AWSService(
            transport: transport, endpoint: try AWSEndpoint(url: queueURL), region: region, name: "sqs",
            credentials: credentials, retry: retry)
    }

    /// The most messages that one request gives or deletes.
    public static let batchSize = 10

    /// Receives at most ten messages, and waits for the first at most so many seconds (20 at most).
    ///
    /// - Parameter visibility: seconds for which other readers do not see them.
    /// - Throws: ``Failure``, `CancellationError`.
    public func receive(waitSeconds: Int, visibility: Int) async throws -> [SQSMessage] {
        let answer: Messages = try await call(
            "ReceiveMessage",
            Receive(
                QueueUrl: queueURL, WaitTimeSeconds: waitSeconds, VisibilityTimeout: visibility),
            timeout: .seconds(Int64(waitSeconds) + 30))
        return answer.Messages ?? []
    }

    /// Deletes at most ten messages.
    ///
    /// - Returns: those that are still there, and why.
    /// - Throws: ``Failure``, `CancellationError`.
    public func delete(_ messages: [SQSMessage]) async throws -> [(message: SQSMessage, reason: String)] {
        guard !messages.isEmpty else { return [] }
        let entries = messages.enumerated().map { Entry(Id: "\($0)", ReceiptHandle: $1.receipt) }
        let answer: Deleted = try await call(
            "DeleteMessageBatch", Delete(QueueUrl: queueURL, Entries: entries), permission: "DeleteMessage")
        return (answer.Failed ?? []).compactMap { failed in
            guard let index = Int(failed.Id), messages.indices.contains(index) else { return nil }
            return (messages[index], failed.Message ?? failed.Code ?? "unknown")
        }
    }

    /// Hides a message for so many seconds from now on.
    ///
    /// - Throws: ``Failure``, `CancellationError`.
    public func hide(_ message: SQSMessage, seconds: Int) async throws {
        let _: Nothing = try await call(
            "ChangeMessageVisibility",
            Visibility(QueueUrl: queueURL, ReceiptHandle: message.receipt, VisibilityTimeout: seconds))
    }

    /// About how many messages wait, and how many are with a reader.
    ///
    /// - Throws: ``Failure``, `CancellationError`.
    public func counts() async throws -> (waiting: Int, received: Int) {
        let answer: Attributes = try await call(
            "GetQueueAttributes",
            GetAttributes(
                QueueUrl: queueURL,
                AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]))
        func number(_ name: String) -> Int { answer.Attributes?[name].flatMap { Int($0) } ?? 0 }
        return (number("ApproximateNumberOfMessages"), number("ApproximateNumberOfMessagesNotVisible"))
    }

    private func call<Shape: Decodable>(
        _ operation: String, _ input: some Encodable, permission: String? = nil,
        timeout: TimeAmount = .seconds(30)
    ) async throws -> Shape {
        let request = AWSRequest(
            method: "POST",
            headers: [
                ("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.\(operation)"),
            ],
            body: Array(try JSONEncoder().encode(input)), timeout: timeout)
        let answer = try await service.answer(
            to: request,
            for: AWSAction(
                permission: "sqs:\(permission ?? operation)", object: "queue \(queueURL)", resource: resource)
        )
        do {
            return try JSONDecoder().decode(
                Shape.self, from: answer.body.isEmpty ? Data("{}".utf8) : Data(answer.body))
        } catch {
            throw Failure(
                .input, "the answer to \(operation) cannot be read; \(service.endpoint) does not speak SQS")
        }
    }
}

// The shapes as AWS names their members.
extension SQSClient {
    fileprivate struct Receive: Encodable {
        var QueueUrl: String
        var WaitTimeSeconds: Int
        var VisibilityTimeout: Int
        var MaxNumberOfMessages = SQSClient.batchSize
        var AttributeNames = ["ApproximateReceiveCount"]
    }
    fileprivate struct Messages: Decodable { var Messages: [SQSMessage]? }
    fileprivate struct Entry: Encodable {
        var Id: String
        var ReceiptHandle: String
    }
    fileprivate struct Delete: Encodable {
        var QueueUrl: String
        var Entries: [Entry]
    }
    fileprivate struct Deleted: Decodable {
        struct Failed: Decodable {
            var Id: String
            var Code: String?
            var Message: String?
        }
        var Failed: [Failed]?
    }
    fileprivate struct Visibility: Encodable {
        var QueueUrl: String
        var ReceiptHandle: String
        var VisibilityTimeout: Int
    }
    fileprivate struct GetAttributes: Encodable {
        var QueueUrl: String
        var AttributeNames: [String]
    }
    fileprivate struct Attributes: Decodable { var Attributes: [String: String]? }
    fileprivate struct Nothing: Decodable {}
}
