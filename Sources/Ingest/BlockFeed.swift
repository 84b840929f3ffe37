import Foundation
import EventLog
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
    private let leavesOut: Set<String>
    private var log: LogFeed?
    private var reader: RecordReader?
    private var current: EventDecoder.Context
    /// Files begun so far.
    private(set) var filesBegun = 0
    /// Bytes handed out so far.
    private(set) var bytes = 0

    /// - Parameters:
    ///   - log: what is read after the inputs.
    ///   - leavesOut: streams whose records are no events.
    init(
        _ inputs: [InputPath], context: EventDecoder.Context, keepsRaw: Bool, log: EventLog? = nil,
        leavesOut: Set<String> = []
    ) {
        self.leavesOut = leavesOut
        self.inputs = inputs[...]
        self.context = context
        self.keepsRaw = keepsRaw
        self.log = log.map { LogFeed($0) }
        current = context
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The next step; nil when all inputs are read.
    func next() async throws -> Step? {
        while true {
            do {
                if reader == nil, try !begin() { break }
                if let block = try reader?.next() {
                    bytes += block.bytes.count
                    return .job(
                        DecodeJob(
                            block: block, contexts: contexts(of: block), keepsRaw: keepsRaw,
                            leavesOut: leavesOut))
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
        var log = log.take()
        defer { self.log = log }
        guard let record = try await log?.next() else { return nil }
        bytes += record.record.body.count
        var job = record.job
        job.leavesOut = leavesOut
        return .job(job)
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

/// The records of a log, one by one.
private struct LogFeed {
    private let reader: LogReader
    private let end: UInt64
    private var position: UInt64
    private var read: ArraySlice<LoggedRecord> = []

    init(_ log: EventLog) {
        reader = log.makeReader()
        (position, end) = (log.firstOffset, log.durableEnd)
    }

    mutating func next() async throws -> LoggedRecord? {
        while read.isEmpty, position < end {
            do {
                read = try await reader.read(from: position)[...]
                position = read.last.map { $0.offset + 1 } ?? end
            } catch LogError.damaged(let damage) {
                // The drain has kept a note of it in `refused`, or will.
                position = damage.resumesAt
            }
        }
        return read.popFirst()
    }
}
