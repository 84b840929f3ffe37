import Compression
import EventLog
import Lake
import Parquet
import Primitives
import Scanning
import SESEvents

/// Records of one block with what is known of them.
struct DecodeJob: Sendable {
    /// The bytes.
    var block: RecordBlock
    /// For each run of records: where it begins in the block's list, and its context.
    var contexts: [(firstRecord: Int, context: EventDecoder.Context)]
    /// Whether the bytes are kept; not so when they come from the raw files themselves.
    let keepsRaw: Bool
    /// Whether a ``RawMarker`` among the records is one; not so where a stranger wrote them.
    var hasMarkers = true
    /// Streams whose records are no events, and are left out.
    var leavesOut: Set<String> = []
}

extension DecodeJob {
    /// Whether what came in this way is left out.
    func leavesOut(_ context: EventDecoder.Context) -> Bool {
        context.stream.map { leavesOut.contains($0) } ?? false
    }
}

/// What became of a block.
struct DecodeResult: Sendable {
    var records = 0
    var events = 0
    var refused: [RefusedEvent] = []
    var notEvents: [String: Int] = [:]
    /// What was said of the sender's reputation; counted as no events too.
    var signals: [ReputationSignal] = []
    /// The block's bytes as one zstd frame.
    var raw: [UInt8] = []

    /// Adds what became of other blocks whose bytes are kept elsewhere.
    mutating func add(_ other: DecodeResult) {
        records += other.records
        events += other.events
        refused += other.refused
        signals += other.signals
        notEvents.merge(other.notEvents) { $0 + $1 }
    }
}

/// Decodes blocks on a thread of its own: bytes → events → staged rows.
actor DecodeLane {
    private let executor = BlockingExecutor(label: "sesame.decode")
    private let decoder = EventDecoder()
    private let compressor = FrameCompressor(level: 1)
    private let stage: EventStage
    private let check = JSONCheck()
    private let privacy: IntakePrivacy
    private var scrubber: AddressScrubber? { privacy.scrubber }

    init(_ privacy: IntakePrivacy) throws {
        self.privacy = privacy
        stage = try EventStage()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The keys of the events that were decoded since ``clear()``.
    var keys: [EventKey] { stage.keys }

    /// Decodes a block; its events are staged.
    func run(_ job: DecodeJob) throws -> DecodeResult {
        let job = scrubber.map { job.scrubbed(by: $0) } ?? job
        var pass = DecodePass(decoder: decoder, stage: stage, anonymity: privacy.anonymity)
        pass.run(job)
        if job.keepsRaw, let first = job.contexts.first?.context {
            pass.result.raw = try compressor.frame(RawMarker(first).line(), job.block.wholeRecords)
        }
        return pass.result
    }

    /// Decodes records of the log; their events are staged.
    func run(_ records: ArraySlice<LoggedRecord>) -> DecodeResult {
        var pass = DecodePass(decoder: decoder, stage: stage, anonymity: privacy.anonymity)
        for record in records {
            if let reason = record.refusal {
                pass.refuse(record, reason)
            } else {
                pass.run(scrubber.map { record.job.scrubbed(by: $0) } ?? record.job)
            }
        }
        return pass.result
    }

    /// Splits what was put into streams that have tables of their own.
    func split(_ records: [LoggedRecord]) -> StreamPieces {
        var pieces = StreamPieces()
        for record in records { pieces.split(scrubber.map { record.scrubbed(by: $0) } ?? record, check) }
        return pieces
    }

    /// How many of the staged events each source brought, without those at `places`.
    func sources(besides places: [UInt32]) -> [String: Int] { stage.sources(besides: places) }

    /// Encodes the staged events at these places as row groups.
    func encode(_ places: [UInt32], by unit: PartitionUnit) throws(Failure) -> [TimePartition: [RowGroup]] {
        try stage.encode(places, by: unit)
    }

    /// Folds the staged events at these places into rows of `messages`.
    func fold(_ places: [UInt32], into fold: MessageFold) throws { try fold.add(stage, places) }

    /// Forgets the staged events.
    func clear() { stage.removeAll() }
}

/// One pass over the records of a block, the steps in their order.
private struct DecodePass {
    let decoder: EventDecoder
    let stage: EventStage
    let anonymity: Anonymity?
    var result = DecodeResult()

    init(decoder: EventDecoder, stage: EventStage, anonymity: Anonymity?) {
        self.decoder = decoder
        self.stage = stage
        self.anonymity = anonymity
    }

    mutating func run(_ job: DecodeJob) {
        var run = 0
        for (index, range) in job.block.records.enumerated() {
            while run + 1 < job.contexts.count, job.contexts[run + 1].firstRecord <= index { run += 1 }
            let context = job.contexts[run].context
            let bytes = job.block.bytes(of: range)
            if job.hasMarkers && RawMarker(bytes) != nil || job.leavesOut(context) { continue }
            let place = Place(context: context, byteOffset: range.streamOffset, line: range.line)
            if decode(bytes, place) { continue }
            // The line could not be parsed as one record: look at it bracket by bracket.
            let pieces = range.isExact ? SplitRecords() : job.block.resplit(range)
            if range.isExact || pieces.records.isEmpty && pieces.refusals.isEmpty {
                refuse(bytes, place, lastError?.description ?? "unreadable")
                continue
            }
            for piece in pieces.records {
                let piecePlace = Place(context: context, byteOffset: piece.streamOffset, line: piece.line)
                let pieceBytes = UnsafeRawBufferPointer(rebasing: job.block.bytes[piece.range])
                if !decode(pieceBytes, piecePlace) {
                    refuse(pieceBytes, piecePlace, lastError?.description ?? "unreadable")
                }
            }
            for refusal in pieces.refusals { refuse(refusal, context) }
        }
        if let context = job.contexts.last?.context, !job.leavesOut(context) {
            for refusal in job.block.refusals { refuse(refusal, context) }
        }
    }

    /// Where a record stands, for whoever must find it again.
    struct Place {
        let context: EventDecoder.Context
        let byteOffset: Int
        let line: Int
    }

    private var lastError: EventDecodingError?

    /// Decodes one record and appends it; false if it is not JSON, so that the caller may split it further.
    private mutating func decode(_ bytes: UnsafeRawBufferPointer, _ place: Place) -> Bool {
        do throws(EventDecodingError) {
            switch try decoder.decode(bytes, context: place.context) {
            case .event: try accept(bytes, place.context)
            case .notAnEvent(let what): count(what)
            case .noEventType: unwrap(bytes, place)
            }
        } catch {
            if case .notJSON = error {
                lastError = error
                return false
            }
            refuse(bytes, place, error.description)
        }
        return true
    }

    /// Stages the event that was decoded; one that is old enough without what names a person.
    private mutating func accept(_ bytes: UnsafeRawBufferPointer, _ context: EventDecoder.Context)
        throws(EventDecodingError)
    {
        if let anonymity { try anonymity.apply(to: bytes, context, decoder) }
        stage.append(decoder.record)
        result.records += 1
        result.events += 1
    }

    private mutating func count(_ what: String) {
        result.records += 1
        result.notEvents[what, default: 0] += 1
    }

    private mutating func unwrap(_ bytes: UnsafeRawBufferPointer, _ place: Place) {
        switch Envelope.unwrap(bytes) {
        case .unknown:
            refuse(
                bytes, place,
                "it has neither eventType nor notificationType, and is no envelope that Sesame knows")
        case .notAnEvent(let what): count(what)
        case .contents(let contents):
            for content in contents {
                switch content {
                case .notAnEvent(let what): count(what)
                case .refused(let bytes, let reason): bytes.withUnsafeBytes { refuse($0, place, reason) }
                case .record(let record): decode(record, place)
                case .signal(let record): take(record, place)
                }
            }
        }
    }

    private mutating func take(_ record: EnvelopeRecord, _ place: Place) {
        let context = place.context
        let signal = SignalReader.read(
            record, receivedAt: context.receivedAt, sourceName: context.sourceName,
            account: context.accountID, region: context.region)
        guard let signal else {
            return record.bytes.withUnsafeBytes { refuse($0, place, "it is not JSON") }
        }
        count("reputation signal")
        result.signals.append(signal)
    }

    private mutating func decode(_ record: EnvelopeRecord, _ place: Place) {
        let context = place.context.inside(record.context)
        let padded = record.bytes + [UInt8](repeating: 0, count: RecordBlock.padding)
        padded.withUnsafeBytes { padded in
            let bytes = UnsafeRawBufferPointer(rebasing: padded[..<record.bytes.count])
            do throws(EventDecodingError) {
                switch try decoder.decode(bytes, context: context) {
                case .event: try accept(bytes, context)
                case .notAnEvent(let what): count(what)
                case .noEventType: refuse(bytes, place, "the envelope holds something that is no SES event")
                }
            } catch {
                refuse(bytes, place, error.description)
            }
        }
    }

    private mutating func refuse(_ bytes: UnsafeRawBufferPointer, _ place: Place, _ reason: String) {
        result.records += 1
        result.refused.append(
            RefusedEvent(
                refusedAt: place.context.receivedAt, sourceName: place.context.sourceName,
                origin: place.context.origin, byteOffset: place.byteOffset, line: place.line, reason: reason,
                bytes: Array(bytes.prefix(SplitLimits().keptBytes)), byteCount: bytes.count))
    }

    /// Refuses what a record stands for.
    mutating func refuse(_ record: LoggedRecord, _ reason: String) {
        let place = Place(context: record.context, byteOffset: 0, line: 0)
        record.record.body.withUnsafeBytes { refuse($0, place, reason) }
    }

    private mutating func refuse(_ refusal: Refusal, _ context: EventDecoder.Context) {
        // AWS's set-up messages are plain text.
        let whole = refusal.bytes.count == refusal.length
        if whole, case .notAnEvent(let what) = refusal.bytes.withUnsafeBytes({ Envelope.unwrap($0) }) {
            return count(what)
        }
        result.records += 1
        result.refused.append(
            RefusedEvent(
                refusedAt: context.receivedAt, sourceName: context.sourceName, origin: context.origin,
                byteOffset: refusal.streamOffset, line: refusal.line, reason: refusal.reason.message,
                bytes: refusal.bytes, byteCount: refusal.length))
    }
}
