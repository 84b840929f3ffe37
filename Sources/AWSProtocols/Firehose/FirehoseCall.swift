/// A request of Firehose's API (2015-08-04), decoded.
public enum FirehoseCall: Sendable, Equatable {
    /// One record, or several whose fates are told apart; `isBatch` says which answer is due.
    case put(stream: String, records: FirehoseRecords, isBatch: Bool)
    /// A new stream.
    case create(FirehoseStreamRequest)
    /// What a stream is.
    case describe(stream: String)
    /// The names of streams.
    case list(FirehoseListRequest)
    /// The end of a stream.
    case delete(stream: String)
    /// Another destination for a stream.
    case updateDestination(FirehoseUpdateRequest)
    /// Tags to set.
    case tag(stream: String, tags: [FirehoseTag])
    /// Tags to take away.
    case untag(stream: String, keys: [String])
    /// The tags of a stream.
    case listTags(stream: String)
}

/// A name and a value that a user gave a stream.
public struct FirehoseTag: Sendable, Equatable, Codable {
    /// The name, up to 128 characters.
    public var key: String
    /// The value, up to 256 characters.
    public var value: String?

    /// A tag.
    public init(key: String, value: String?) {
        self.key = key
        self.value = value
    }
}

/// A new stream; ``FirehoseDestination`` reads where it writes.
public struct FirehoseStreamRequest: Sendable, Equatable, Decodable {
    /// Its name.
    public var deliveryStreamName: String
    /// `DirectPut` unless told otherwise.
    public var deliveryStreamType: String?
    /// Up to 50 tags.
    public var tags: [FirehoseTag]?
}

/// Which names of streams are asked for.
public struct FirehoseListRequest: Sendable, Equatable, Decodable {
    /// How many, 1 to 10,000; 10 unless told otherwise.
    public var limit: Int?
    /// Streams of one type only.
    public var deliveryStreamType: String?
    /// Names behind this one.
    public var exclusiveStartDeliveryStreamName: String?
}

/// Another destination for a stream; ``FirehoseDestination`` reads what changes.
public struct FirehoseUpdateRequest: Sendable, Equatable, Decodable {
    /// The stream.
    public var deliveryStreamName: String
    /// The version that the caller knows; another one is a `ConcurrentModificationException`.
    public var currentDeliveryStreamVersionId: String
    /// Which of the destinations.
    public var destinationId: String
}
