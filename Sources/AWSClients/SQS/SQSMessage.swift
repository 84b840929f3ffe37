/// A message of a queue, hidden from other readers for a while.
public struct SQSMessage: Sendable, Hashable, Decodable {
    /// Its id, the same each time it comes.
    public var id: String
    /// By which it is deleted; another each time it comes.
    public var receipt: String
    /// Its text.
    public var body: String
    /// How often it has come, this time included; 1 where the queue does not say.
    public var receiveCount: Int

    private enum CodingKeys: String, CodingKey {
        case id = "MessageId"
        case receipt = "ReceiptHandle"
        case body = "Body"
        case attributes = "Attributes"
    }

    /// Reads a message as SQS gives it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        receipt = try container.decode(String.self, forKey: .receipt)
        body = try container.decode(String.self, forKey: .body)
        let attributes = try container.decodeIfPresent([String: String].self, forKey: .attributes)
        receiveCount = attributes?["ApproximateReceiveCount"].flatMap { Int($0) } ?? 1
    }

    /// A message.
    public init(id: String, receipt: String, body: String, receiveCount: Int = 1) {
        (self.id, self.receipt, self.body, self.receiveCount) = (id, receipt, body, receiveCount)
    }
}
