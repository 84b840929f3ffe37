import Parquet
import Primitives
import SESEvents

/// Reads from a stage what ``MessageRows`` needs, each distinct text once: its codes become codes of the fold.
struct StagedMessages {
    /// An event, in the fold's codes.
    struct Event {
        var time: Int64
        var sentAt: Int64
        var recipientCount: Int64
        /// The place of its type in ``MessagesModel/stages``; -1 for a type that SES added later.
        var stage: Int
        var isMachineOpen: Bool
        var isMachineClick: Bool
        var texts = MessageTexts()
        var lastValues: [(slot: UInt8, value: Int64)] = []
    }

    /// Which of ``MessagesModel/lastValues`` are texts.
    static let isText = MessagesModel.lastValues.map { $0.column.kind == .text }

    let batch: RowBatch
    let recipients: UnsafeMutablePointer<TextListColumn>
    let recipient: UnsafeMutablePointer<TextColumn>
    /// For each of the stage's codes the fold's, 0 where it is not known yet.
    private var known: [UInt32]
    /// The same for the text in lower case.
    private var knownLower: [UInt32]
    private let times: UnsafeMutablePointer<NumberColumn>
    private let sent: UnsafeMutablePointer<NumberColumn>
    private let destination: UnsafeMutablePointer<TextListColumn>
    private let isMachine: UnsafeMutablePointer<NumberColumn>
    private let types: UnsafeMutablePointer<TextColumn>
    /// For each event type's code that was seen, its place in ``MessagesModel/stages``; -1 for a type that has none.
    private var stages: [UInt32: Int] = [:]

    init(_ batch: RowBatch) {
        self.batch = batch
        recipients = batch.textList(EventColumn.recipients.rawValue)
        recipient = batch.text(EventColumn.recipient.rawValue)
        times = batch.number(EventColumn.eventAt.rawValue)
        sent = batch.number(EventColumn.sentAt.rawValue)
        destination = batch.textList(EventColumn.destination.rawValue)
        isMachine = batch.number(EventColumn.isMachine.rawValue)
        types = batch.text(EventColumn.eventType.rawValue)
        let count = batch.dictionary.pointee.count + 1
        known = Array(repeating: 0, count: count)
        knownLower = known
    }

    /// The event at a place.
    mutating func row(_ place: Int, in texts: inout TextDictionary) -> Event {
        let stage = stage(types.pointee.code(place))
        let fromMachine = isMachine.pointee.value(place) == 1
        var event = Event(
            time: times.pointee.value(place) ?? 0, sentAt: sent.pointee.value(place) ?? 0,
            recipientCount: destination.pointee.count(place).map(Int64.init) ?? -1, stage: stage,
            isMachineOpen: fromMachine && stage == Self.open,
            isMachineClick: fromMachine && stage == Self.click)
        for (index, column) in MessageTexts.columns.enumerated() {
            event.texts[index] = code(of: column, place, in: &texts)
        }
        // A Send, an open and a click have none of these.
        guard stage != Self.send, stage != Self.open, stage != Self.click else { return event }
        for (slot, value) in MessagesModel.lastValues.enumerated() {
            if Self.isText[slot] {
                let code = code(of: value.column, place, in: &texts)
                if code != 0 { event.lastValues.append((UInt8(slot), Int64(code))) }
            } else if let number = batch.number(value.column.rawValue).pointee.value(place) {
                event.lastValues.append((UInt8(slot), number))
            }
        }
        return event
    }

    private static let send = MessagesModel.stages.firstIndex { $0.type == "Send" }
    private static let open = MessagesModel.stages.firstIndex { $0.type == "Open" }
    private static let click = MessagesModel.stages.firstIndex { $0.type == "Click" }

    private mutating func stage(_ type: UInt32) -> Int {
        if let stage = stages[type] { return stage }
        let name = type == 0 ? "" : String(decoding: batch.dictionary.pointee.text(type), as: UTF8.self)
        let stage = MessagesModel.stages.firstIndex { $0.type == name } ?? -1
        stages[type] = stage
        return stage
    }

    /// The fold's code of a text column's value.
    mutating func code(of column: EventColumn, _ place: Int, in texts: inout TextDictionary) -> UInt32 {
        let code = batch.text(column.rawValue).pointee.code(place)
        if code == 0 || known[Int(code)] != 0 { return known[Int(code)] }
        let text = batch.dictionary.pointee.text(code)
        // A text of no bytes has an address all the same.
        known[Int(code)] = text.baseAddress.map { texts.code($0, text.count) } ?? 0
        return known[Int(code)]
    }

    /// The fold's code of an address in lower case.
    mutating func lowercased(_ code: UInt32, in texts: inout TextDictionary) -> UInt32 {
        if code == 0 || knownLower[Int(code)] != 0 { return knownLower[Int(code)] }
        let lower = LowerCase.text(batch.dictionary.pointee.text(code))
        knownLower[Int(code)] = lower.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { texts.code($0, bytes.count) } ?? 0
        }
        return knownLower[Int(code)]
    }
}

/// Lower case as DuckDB's `lower` makes it: each character by itself.
enum LowerCase {
    static func text(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) {
            return text.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
        }
        var lower = ""
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            lower.unicodeScalars.append(scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar)
        }
        return Array(lower.utf8)
    }
}
