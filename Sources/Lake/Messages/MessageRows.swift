import Parquet
import Primitives
import SESEvents

/// The rows of a ``MessageFold``.
struct MessageRows: ~Copyable, Sendable {
    private(set) var rows: [MessageRow] = []
    private(set) var nodes: [MessageNode] = []
    private(set) var texts = TextDictionary()
    /// The row of each message and recipient, by their codes side by side.
    private var index = NumberTable<UInt64>()

    var count: Int { rows.count }

    /// Folds the events of a stage.
    mutating func add(_ stage: EventStage, _ places: [UInt32]) {
        var source = StagedMessages(stage.batch)
        for place in places {
            let place = Int(place)
            let message = source.code(of: .messageID, place, in: &texts)
            let event = source.row(place, in: &texts)
            let listed = source.recipients.pointee.count(place) ?? 0
            guard listed > 1 else {
                add(event, message, source.lowercased(source.recipient.pointee.code(place), in: &texts))
                continue
            }
            var seen: [UInt32] = []
            for element in 0..<listed {
                let code = source.recipients.pointee.code(place, element)
                let recipient = source.lowercased(code, in: &texts)
                guard !seen.contains(recipient) else { continue }
                seen.append(recipient)
                add(event, message, recipient)
            }
        }
    }

    private mutating func add(
        _ event: StagedMessages.Event, _ message: UInt32, _ recipient: UInt32
    ) {
        let key = UInt64(message) << 32 | UInt64(recipient)
        let place = Int(index.insert(UInt64(rows.count), for: key))
        if place == rows.count { rows.append(MessageRow(messageID: message, recipient: recipient)) }
        merge(event, into: place)
        if event.stage >= 0 { mergeStage(event, into: place) }
        for (slot, value) in event.lastValues { mergeLast(slot, value, event.time, into: place) }
    }

    private mutating func merge(_ event: StagedMessages.Event, into place: Int) {
        var row = rows[place]
        row.sentAt = min(row.sentAt, event.sentAt)
        row.firstAt = min(row.firstAt, event.time)
        row.lastAt = max(row.lastAt, event.time)
        row.recipientCount = max(row.recipientCount, event.recipientCount)
        row.events += 1
        row.machineOpens += event.isMachineOpen ? 1 : 0
        row.machineClicks += event.isMachineClick ? 1 : 0
        for column in MessageTexts.columns.indices {
            row.texts[column] = least(row.texts[column], event.texts[column])
        }
        rows[place] = row
    }

    @inline(__always)
    private func least(_ left: UInt32, _ right: UInt32) -> UInt32 {
        if left == right || right == 0 { return left }
        if left == 0 { return right }
        return TextOrder.precedes(texts.text(right), texts.text(left)) ? right : left
    }

    private mutating func mergeStage(_ event: StagedMessages.Event, into place: Int) {
        let node =
            node(.stage(UInt8(event.stage)), of: place)
            ?? {
                append(
                    MessageNode(
                        subject: .stage(UInt8(event.stage)), next: rows[place].nodes, first: .max, last: .min),
                    to: place)
            }()
        nodes[node].count += 1
        nodes[node].first = min(nodes[node].first, event.time)
        nodes[node].last = max(nodes[node].last, event.time)
    }

    private mutating func mergeLast(_ slot: UInt8, _ value: Int64, _ time: Int64, into place: Int) {
        if let node = node(.lastValue(slot), of: place) {
            guard time > nodes[node].first else { return }
            nodes[node].first = time
            nodes[node].last = value
        } else {
            append(
                MessageNode(subject: .lastValue(slot), next: rows[place].nodes, first: time, last: value),
                to: place)
        }
    }

    private func node(_ subject: MessageNode.Subject, of place: Int) -> Int? {
        var next = rows[place].nodes
        while next != 0 {
            let node = Int(next) - 1
            if nodes[node].subject == subject { return node }
            next = nodes[node].next
        }
        return nil
    }

    @discardableResult
    private mutating func append(_ node: MessageNode, to place: Int) -> Int {
        nodes.append(node)
        rows[place].nodes = UInt32(nodes.count)
        return nodes.count - 1
    }

    /// Takes the rows of the oldest days out until `left` remain at most, and hands each day's over as row groups.
    mutating func takeOldest(
        leaving left: Int, _ write: (CivilDay, [RowGroup]) throws -> Void
    ) throws {
        var days: [CivilDay: [UInt32]] = [:]
        for (place, row) in rows.enumerated() {
            days[Timestamp(microseconds: row.sentAt).day, default: []].append(UInt32(place))
        }
        var remaining = rows.count
        let encoder = try RowGroupEncoder()
        var kept = days.sorted { $0.key.start < $1.key.start }[...]
        while remaining > left, let (day, places) = kept.popFirst() {
            try write(day, try encode(places, by: encoder))
            remaining -= places.count
        }
        keep(kept.flatMap(\.value))
    }

    /// Starts over with these rows alone, which gives the texts of the others back too.
    private mutating func keep(_ places: [UInt32]) {
        var old = MessageRows()
        swap(&self, &old)
        for place in places {
            var row = old.rows[Int(place)]
            row.messageID = copy(row.messageID, old)
            row.recipient = copy(row.recipient, old)
            for column in MessageTexts.columns.indices {
                row.texts[column] = copy(row.texts[column], old)
            }
            var next = row.nodes
            row.nodes = 0
            _ = index.insert(UInt64(rows.count), for: UInt64(row.messageID) << 32 | UInt64(row.recipient))
            rows.append(row)
            while next != 0 {
                var node = old.nodes[Int(next) - 1]
                next = node.next
                if case .lastValue(let slot) = node.subject, StagedMessages.isText[Int(slot)] {
                    node.last = Int64(copy(UInt32(node.last), old))
                }
                append(
                    MessageNode(
                        subject: node.subject, next: rows[rows.count - 1].nodes, count: node.count,
                        first: node.first, last: node.last), to: rows.count - 1)
            }
        }
    }

    private mutating func copy(_ code: UInt32, _ old: borrowing MessageRows) -> UInt32 {
        guard code != 0 else { return 0 }
        let text = old.texts.text(code)
        // A text of no bytes has an address all the same.
        return text.baseAddress.map { texts.code($0, text.count) } ?? 0
    }
}
