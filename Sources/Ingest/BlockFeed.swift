import Foundation
import Lake
import Primitives
import SESEvents

/// Reads inputs one after the other and hands out their blocks, with what is known of the records in each.
///
/// Reading and decompressing block, so the feed has a thread of its own.
actor BlockFeed {
    /// One step of the feed.
    enum Step: Sendable {
        /// A block to decode.
        case job(DecodeJob)
        /// An input that could not be read to its end, and why; the others go on.
        case damaged(RefusedEvent)
    }

    private let executor = BlockingExecutor(label: "sesame.reader")
    private var inputs: ArraySlice<InputPath>
    private let context: EventDecoder.Context
    private let keepsRaw: Bool
    private var reader: RecordReader?
    private var current: EventDecoder.Context
    /// Files begun so far.
    private(set) var filesBegun = 0
    /// Bytes handed out so far.
    private(set) var bytes = 0

    init(_ inputs: [InputPath], context: EventDecoder.Context, keepsRaw: Bool) {
        self.inputs = inputs[...]
        self.context = context
        self.keepsRaw = keepsRaw
        current = context
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The next step; nil when all inputs are read.
    func next() -> Step? {
        while true {
            do {
                if reader == nil, try !begin() { return nil }
                if let block = try reader?.next() {
                    bytes += block.bytes.count
                    return .job(DecodeJob(block: block, contexts: contexts(of: block), keepsRaw: keepsRaw))
                }
                reader = nil
            } catch {
                let offset = reader?.compressedOffset ?? 0
                reader = nil
                return .damaged(
                    RefusedEvent(
                        refusedAt: context.receivedAt, sourceName: context.sourceName, origin: current.origin,
                        byteOffset: offset, line: 0, reason: "\(error)", bytes: [], byteCount: 0))
            }
        }
    }

    private func begin() throws -> Bool {
        guard let input = inputs.popFirst() else { return false }
        filesBegun += 1
        current = context
        current.origin = input.name
        reader = try RecordReader(input)
        return true
    }

    /// Raw files say where their records came from; what follows a marker has its context.
    private func contexts(of block: RecordBlock) -> [(firstRecord: Int, context: EventDecoder.Context)] {
        var contexts = [(firstRecord: 0, context: current)]
        for (index, record) in block.records.enumerated() {
            guard let marked = RawMarker(block.bytes(of: record))?.context else { continue }
            current = marked
            contexts.append((index, marked))
        }
        return contexts
    }
}
