import SESEvents

/// A row of `messages` in the making. Texts are codes of the fold's dictionary, 0 for null.
struct MessageRow: BitwiseCopyable {
    var messageID: UInt32
    var recipient: UInt32
    var texts = MessageTexts()
    var sentAt = Int64.max
    var firstAt = Int64.max
    var lastAt = Int64.min
    /// -1 as long as no event says.
    var recipientCount: Int64 = -1
    var events: Int32 = 0
    var machineOpens: Int32 = 0
    var machineClicks: Int32 = 0
    /// The first of the row's nodes, plus one.
    var nodes: UInt32 = 0
}

/// What a row has of one event type, or the last value of one column: most rows have two or three of the seventeen.
struct MessageNode: BitwiseCopyable {
    enum Subject: Equatable, BitwiseCopyable {
        /// The place in ``MessagesModel/stages``.
        case stage(UInt8)
        /// The place in ``MessagesModel/lastValues``.
        case lastValue(UInt8)
    }

    let subject: Subject
    /// The row's next node, plus one.
    let next: UInt32
    var count: Int32 = 0
    /// The first event's time; of a value, the time of the event that brought it.
    var first: Int64
    /// The last event's time; of a value, its code or number.
    var last: Int64
}

/// The codes of the columns of which a row keeps the least value, by the bytes.
struct MessageTexts: BitwiseCopyable {
    /// The columns, in the order in which they follow each other in `messages`.
    static let columns: [EventColumn] = [
        .accountID, .region, .configurationSet, .sender, .fromDomain, .subject,
    ]

    /// A vector, since it lies in the row itself where an array would be a block of memory for each.
    private var codes = SIMD8<UInt32>()

    subscript(_ column: Int) -> UInt32 {
        get { codes[column] }
        set { codes[column] = newValue }
    }
}
