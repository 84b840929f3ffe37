import Parquet
import Primitives
import SESEvents

extension MessageRows {
    /// The columns of `messages`, as Parquet holds them.
    static let columns = MessagesModel.declarations.map { column in
        LakeTables.declaration(
            column.name, column.type == "VARCHAR" ? .text : column.type == "BIGINT" ? .integer : .timestamp)
    }

    /// Encodes rows in the order of `sent_at`, message and recipient.
    func encode(_ places: [UInt32], by encoder: RowGroupEncoder) throws(Failure) -> [RowGroup] {
        let batch = RowBatch(Self.columns)
        let ordered = places.sorted { precedes(rows[Int($0)], rows[Int($1)]) }
        for place in ordered { append(rows[Int(place)], to: batch) }
        var groups: [RowGroup] = []
        for start in stride(from: 0, to: ordered.count, by: RowGroupSize.rows) {
            let slice = Array(UInt32(start)..<UInt32(min(start + RowGroupSize.rows, ordered.count)))
            let group = try slice.withUnsafeBufferPointer { rows throws(Failure) in
                try encoder.encode(batch, rows: rows)
            }
            groups.append(group)
        }
        return groups
    }

    private func precedes(_ left: MessageRow, _ right: MessageRow) -> Bool {
        if left.sentAt != right.sentAt { return left.sentAt < right.sentAt }
        if left.messageID != right.messageID {
            return TextOrder.precedes(texts.text(left.messageID), texts.text(right.messageID))
        }
        // A row of nobody's opens goes last.
        guard left.recipient != 0, right.recipient != 0 else { return left.recipient != 0 }
        return TextOrder.precedes(texts.text(left.recipient), texts.text(right.recipient))
    }

    /// Appends a row, the columns in the order of ``MessagesModel/columns``.
    private func append(_ row: MessageRow, to batch: RowBatch) {
        var column = ColumnCursor(batch)
        append(row.messageID, &column)
        append(row.recipient, &column)
        appendDomain(row.recipient, &column)
        column.number(row.sentAt)
        for text in MessageTexts.columns.indices { append(row.texts[text], &column) }
        column.number(row.recipientCount < 0 ? nil : row.recipientCount)
        column.number(row.firstAt)
        column.number(row.lastAt)
        column.number(Int64(row.events))
        let details = MessageDetails(row, nodes)
        for stage in MessagesModel.stages.indices {
            let node = details.stages[stage]
            column.number(node?.first)
            column.number(node?.last)
            column.number(Int64(node?.count ?? 0))
        }
        for slot in MessagesModel.lastValues.indices {
            let node = details.lastValues[slot]
            if StagedMessages.isText[slot] {
                append(UInt32(node?.last ?? 0), &column)
            } else {
                column.number(node?.last)
            }
        }
        column.number(Int64(row.machineOpens))
        column.number(Int64(row.machineClicks))
        column.text(details.furthestState(texts))
        batch.endRow()
    }

    private func append(_ code: UInt32, _ column: inout ColumnCursor) {
        if code == 0 { column.null() } else { column.text(texts.text(code)) }
    }

    private func appendDomain(_ recipient: UInt32, _ column: inout ColumnCursor) {
        guard recipient != 0 else { return column.null() }
        let address = texts.text(recipient)
        let start = address.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? 0
        column.text(UnsafeBufferPointer(rebasing: address[start...]))
    }
}

/// Writes a row from its first column to its last.
private struct ColumnCursor {
    private let batch: RowBatch
    private var column = 0

    init(_ batch: RowBatch) { self.batch = batch }

    mutating func number(_ value: Int64?) {
        batch.number(column).pointee.append(value)
        column += 1
    }

    mutating func text(_ text: UnsafeBufferPointer<UInt8>) {
        if let base = text.baseAddress { batch.text(column).pointee.append(base, text.count) }
        column += 1
    }

    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { self.text($0) }
    }

    mutating func null() {
        batch.text(column).pointee.appendNull()
        column += 1
    }
}

/// The nodes of one row, by what they are about.
private struct MessageDetails {
    var stages: [MessageNode?] = Array(repeating: nil, count: MessagesModel.stages.count)
    var lastValues: [MessageNode?] = Array(repeating: nil, count: MessagesModel.lastValues.count)

    init(_ row: MessageRow, _ nodes: [MessageNode]) {
        var next = row.nodes
        while next != 0 {
            let node = nodes[Int(next) - 1]
            switch node.subject {
            case .stage(let stage): stages[Int(stage)] = node
            case .lastValue(let slot): lastValues[Int(slot)] = node
            }
            next = node.next
        }
    }

    /// The states from the furthest to the nearest, by the place of their event type; see ``MessagesModel/states``.
    private static let states: [(stage: Int, state: String)] = [
        ("Complaint", "complained"), ("Subscription", "unsubscribed"), ("Click", "clicked"),
        ("Open", "opened"),
        ("Bounce", "bounced"), ("Delivery", "delivered"), ("Rendering Failure", "rendering failed"),
        ("Reject", "rejected"), ("DeliveryDelay", "delayed"),
    ].compactMap { type, state in
        MessagesModel.stages.firstIndex { $0.type == type }.map { ($0, state) }
    }
    private static let feedbackType = slot(of: .complaintFeedbackType)
    private static let bounceType = slot(of: .bounceType)

    private static func slot(of column: EventColumn) -> Int? {
        MessagesModel.lastValues.firstIndex { $0.column == column }
    }

    func furthestState(_ texts: borrowing TextDictionary) -> String {
        for (stage, state) in Self.states where stages[stage] != nil {
            switch state {
            case "complained" where says(Self.feedbackType, "not-spam", texts): continue
            case "bounced" where !says(Self.bounceType, "Permanent", texts): return "soft bounced"
            default: return state
            }
        }
        return "sent"
    }

    private func says(_ slot: Int?, _ value: StaticString, _ texts: borrowing TextDictionary) -> Bool {
        guard let slot, let node = lastValues[slot] else { return false }
        return texts.text(UInt32(node.last)).elementsEqual(
            UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }
}
