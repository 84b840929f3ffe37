/// What must be known of a message until its last event is out.
struct Message {
    /// One recipient is the rule; four is the most that a message has here.
    static let mostRecipients = 4

    var ordinal: UInt64
    var sentAt: Int64
    /// Fixes the details of the message itself: id, order number, hosts.
    var nonce: UInt64
    var campaign: Int
    var recipients: SIMD4<Int32> = .zero
    var recipientCount = 1
    var pendingEvents = 0
    var wasOpened = false
    var wasOpenedByReader = false
    var wasClicked = false

    /// All recipients, as the mask of an event.
    var everyone: UInt8 { UInt8(truncatingIfNeeded: (1 << recipientCount) - 1) }

    /// Remembers that `event` is out.
    mutating func note(_ event: PendingEvent) {
        pendingEvents -= 1
        switch event.kind {
        case .open:
            wasOpened = true
            if EngagementCause(rawValue: event.detail)?.isMachine == false { wasOpenedByReader = true }
        case .click:
            wasClicked = true
        default:
            break
        }
    }
}

/// An event that waits for its time.
struct PendingEvent {
    var time: Int64
    /// Breaks ties, so that equal times keep the order of planning.
    var order: UInt64 = 0
    /// Fixes the details that belong to the event alone, or to the device behind it.
    var nonce: UInt64 = 0
    /// Where its message is kept.
    var slot: Int32 = 0
    /// Which of the message's recipients it is about, a bit each.
    var recipients: UInt8
    var kind: EventKind
    /// The raw value of the kind's own reason or cause.
    var detail: UInt8 = 0
    /// Which link was clicked.
    var link: UInt8 = 0
}

/// Pending events, earliest first: a binary heap.
struct EventQueue {
    private var events: [PendingEvent] = []

    var earliest: Int64? { events.first?.time }

    mutating func push(_ event: PendingEvent) {
        events.append(event)
        events.withUnsafeMutableBufferPointer { heap in
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard Self.precedes(event, heap[parent]) else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = event
        }
    }

    mutating func pop() -> PendingEvent? {
        guard let last = events.popLast() else { return nil }
        guard let first = events.first else { return last }
        events.withUnsafeMutableBufferPointer { heap in
            var hole = 0
            while true {
                var child = 2 * hole + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, Self.precedes(heap[child + 1], heap[child]) { child += 1 }
                guard Self.precedes(heap[child], last) else { break }
                heap[hole] = heap[child]
                hole = child
            }
            heap[hole] = last
        }
        return first
    }

    private static func precedes(_ left: PendingEvent, _ right: PendingEvent) -> Bool {
        left.time != right.time ? left.time < right.time : left.order < right.order
    }
}
