import Primitives

/// What lies in a log's folder, found by reading every byte and changing none.
public struct LogInspection: Hashable, Sendable {
    /// The segments in order.
    public var segments: [SegmentInspection] = []

    /// Whether acknowledged records cannot be read.
    public var isDamaged: Bool { segments.contains { !$0.damage.isEmpty } }
}

/// What lies in one segment.
public struct SegmentInspection: Hashable, Sendable {
    /// The file's name.
    public var name: String
    /// The file's length.
    public var bytes: Int
    /// The first record, by the file's name.
    public var firstOffset: UInt64
    /// The number after the last record.
    public var endOffset: UInt64
    /// Records that can be read.
    public var records = 0
    /// Batches that can be read.
    public var batches = 0
    /// When it was made; nil if its header cannot be read.
    public var createdAt: Timestamp?
    /// Places that cannot be read.
    public var damage: [LogDamage] = []
    /// Bytes behind the last record: in the last segment a batch that is being written or was when its writer ended,
    /// and that the next opening cuts; in others what a failed write left.
    public var tail: LogRecovery.Cut?
}

extension EventLog {
    /// Looks at the log in a folder, also while a process has it open.
    ///
    /// - Throws: ``Failure`` of kind notFound if there is no segment, and storage where a file cannot be read.
    public static func inspect(_ folder: String) async throws -> LogInspection {
        try await LogInspector(folder: LogFolder(path: folder)).inspect()
    }
}

/// Reads a whole log, off the cooperative pool.
private actor LogInspector {
    private let executor = BlockingExecutor(label: "sesame.log.inspect")
    private let folder: LogFolder

    init(folder: LogFolder) { self.folder = folder }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func inspect() throws -> LogInspection {
        let offsets = try folder.segments()
        guard !offsets.isEmpty else {
            throw Failure(.notFound, "there is no event log in \(folder.path) yet")
        }
        var inspection = LogInspection()
        for (index, offset) in offsets.enumerated() {
            let next = index + 1 < offsets.count ? offsets[index + 1] : nil
            // A segment that was trimmed since the listing is no finding.
            if let segment = try inspect(offset, endingAt: next) { inspection.segments.append(segment) }
        }
        return inspection
    }

    private func inspect(_ offset: UInt64, endingAt next: UInt64?) throws -> SegmentInspection? {
        let path = folder.segment(offset)
        guard let file = try SegmentFile(path) else { return nil }
        let length = try file.length()
        var segment = SegmentInspection(
            name: SegmentFormat.fileName(firstOffset: offset), bytes: length, firstOffset: offset,
            endOffset: next ?? offset)
        do {
            var scanner = try SegmentScanner(file, firstOffset: offset, limit: length)
            segment.createdAt = scanner.header.createdAt
            try inspect(&scanner, endingAt: next, into: &segment)
        } catch let problem as FormatProblem {
            segment.damage.append(
                LogDamage(
                    segment: path, position: 0, offset: offset, resumesAt: next ?? offset + 1,
                    reason: problem.reason))
        }
        return segment
    }

    private func inspect(
        _ scanner: inout SegmentScanner, endingAt next: UInt64?, into segment: inout SegmentInspection
    ) throws {
        while true {
            let (position, expected) = (scanner.position, scanner.nextOffset)
            if next == nil { segment.endOffset = expected }
            if let next, expected >= next {
                segment.tail = tail(of: segment, at: position, "a failed write left them")
                return
            }
            switch try scanner.next() {
            case .batch(let batch):
                segment.batches += 1
                segment.records += batch.recordCount
            case .end:
                guard let next else { return }
                segment.damage.append(
                    damage(segment, position, expected, next, "the file ends before its records do"))
                return
            case .broken(let reason):
                let found = try isFollowed(&scanner, lost: expected, isLast: next == nil)
                if !found && next == nil {
                    segment.tail = tail(of: segment, at: position, reason)
                    return
                }
                let resumesAt = found ? min(scanner.nextOffset, next ?? .max) : next ?? expected + 1
                segment.damage.append(damage(segment, position, expected, resumesAt, reason))
                if !found { return }
            }
        }
    }

    /// Moves to the next whole batch; in the last segment only if what follows proves that `lost` was durable.
    private func isFollowed(_ scanner: inout SegmentScanner, lost: UInt64, isLast: Bool) throws -> Bool {
        var ahead = scanner
        guard try !isLast || ahead.resumption(after: lost) != nil else { return false }
        return try scanner.resynchronize()
    }

    private func tail(of segment: SegmentInspection, at position: Int, _ reason: String) -> LogRecovery.Cut? {
        guard position < segment.bytes else { return nil }
        return LogRecovery.Cut(
            segment: folder.path + "/" + segment.name, position: position, bytes: segment.bytes - position,
            reason: reason)
    }

    private func damage(
        _ segment: SegmentInspection, _ position: Int, _ offset: UInt64, _ resumesAt: UInt64, _ reason: String
    ) -> LogDamage {
        LogDamage(
            segment: folder.path + "/" + segment.name, position: position, offset: offset,
            resumesAt: resumesAt,
            reason: reason)
    }
}
