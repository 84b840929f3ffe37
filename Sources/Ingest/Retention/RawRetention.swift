import Compression
import Foundation
import Lake
import Primitives
import Scanning
import SESEvents

/// Makes the files of received bytes anonymous, each in one step: the new file takes the old one's name.
///
/// A file that came in at once may hold events of many days, so what counts is when they happened. When a file was looked
/// at, the time of its oldest event that has names is noted (``RetentionJournal/rawAges()``), and it is not read again before that
/// event is old enough; so most files are read twice, the second time to be rewritten.
actor RawRetention {
    private let executor = BlockingExecutor(label: "sesame.raw.retention")
    private let home: HomeDirectory
    private let anonymity: Anonymity
    private var ages: [String: RawFileAge]

    init(of lake: EventLake, _ anonymity: Anonymity) throws {
        (home, self.anonymity) = (lake.home, anonymity)
        ages = try lake.retention.rawAges()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The files that may have events that are old enough, in the order of their paths.
    func due() throws -> [String] {
        let files = RawFiles.all(in: home.raw)
        let present = Set(files.map(\.path))
        ages = ages.filter { present.contains($0.key) }
        return try files.map(\.path).filter { file in
            guard let known = ages[file], try known.isOf(path(file)) else { return true }
            return known.oldest.map { $0 < anonymity.before.microseconds } ?? false
        }
    }

    /// Whether a file has something that is to go; nothing is changed.
    ///
    /// - Returns: its bytes, 0 where it stays as it is.
    func look(at file: String) throws -> Int64 {
        let look = try RawRetentionPass.look(at: path(file), anonymity)
        return look.isChanged ? try RawFileAge(of: path(file), oldest: nil).size : 0
    }

    /// Makes a file anonymous, if there is something in it that is old enough.
    ///
    /// - Returns: the bytes it had, 0 where it stays as it is.
    func treat(_ file: String) throws -> Int64 {
        let before = try RawFileAge(of: path(file), oldest: nil)
        // What was looked at before is known to have something.
        let isKnown = try ages[file]?.isOf(path(file)) ?? false
        let look =
            isKnown ? (isChanged: true, oldest: nil) : try RawRetentionPass.look(at: path(file), anonymity)
        let oldest = look.isChanged ? try RawRetentionPass.rewrite(path(file), anonymity) : look.oldest
        ages[file] = try RawFileAge(of: path(file), oldest: oldest)
        return look.isChanged ? before.size : 0
    }

    /// Notes how old the files are that were looked at.
    func saveAges(in journal: RetentionJournal) throws { try journal.save(rawAges: ages) }

    private func path(_ file: String) -> String { home.raw.appending(path: file).path }
}

/// One pass over a file of received bytes.
private final class RawRetentionPass {
    /// The oldest event that stays as it is and may name somebody, microseconds since 1970.
    private var oldest: Int64?
    /// Whether the bytes handed out are others than those of the file.
    private var isChanged = false

    private let anonymity: Anonymity
    private let judge: RecordJudge
    private var context = EventDecoder.Context(
        receivedAt: Timestamp(microseconds: .max), sourceName: "import", origin: "")
    private var edits: [(range: Range<Int>, bytes: [UInt8])] = []

    private init(_ anonymity: Anonymity) {
        self.anonymity = anonymity
        judge = RecordJudge(anonymity)
    }

    /// What would become of a file.
    static func look(at path: String, _ anonymity: Anonymity) throws -> (isChanged: Bool, oldest: Int64?) {
        let pass = RawRetentionPass(anonymity)
        try pass.run(path) { _ in }
        return (pass.isChanged, pass.oldest)
    }

    /// Writes a file anew.
    ///
    /// - Returns: the oldest event in it that may name somebody.
    static func rewrite(_ path: String, _ anonymity: Anonymity) throws -> Int64? {
        let pass = RawRetentionPass(anonymity)
        try RawReplacement.write(path) { writer in
            try pass.run(path) { try writer.write($0) }
            FailPoint.reached("retention.beforeRawFile")
        }
        return pass.oldest
    }

    /// Hands out the bytes as they are to be.
    func run(_ path: String, _ write: (UnsafeRawBufferPointer) throws -> Void) throws {
        let reader = try RecordReader(.file(path))
        while let block = try reader.next() {
            edits = []
            judgeRecords(of: block)
            let whole = block.wholeRecords
            var position = 0
            for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
                try write(UnsafeRawBufferPointer(rebasing: whole[position..<edit.range.lowerBound]))
                try edit.bytes.withUnsafeBytes { try write($0) }
                position = edit.range.upperBound
            }
            try write(UnsafeRawBufferPointer(rebasing: whole[position...]))
        }
    }

    private func judgeRecords(of block: RecordBlock) {
        for record in block.records {
            let bytes = block.bytes(of: record)
            if let marker = RawMarker(bytes) {
                take(marker, at: record.range)
            } else if let verdict = judge.verdict(on: bytes, context) {
                take(verdict, record.range)
            } else {
                judgePieces(of: record, in: block)
            }
        }
        for refusal in block.refusals {
            let start = refusal.streamOffset - block.streamOffset
            take(judge.unreadable(context), start..<start + refusal.length)
        }
    }

    /// A line that is not one record is looked at bracket by bracket.
    private func judgePieces(of record: RecordRange, in block: RecordBlock) {
        let pieces = record.isExact ? SplitRecords() : block.resplit(record)
        if pieces.records.isEmpty { return take(judge.unreadable(context), record.range) }
        for piece in pieces.records {
            let bytes = UnsafeRawBufferPointer(rebasing: block.bytes[piece.range])
            take(judge.verdict(on: bytes, context) ?? judge.unreadable(context), piece.range)
        }
        for refusal in pieces.refusals {
            let start = refusal.streamOffset - block.streamOffset
            take(judge.unreadable(context), start..<start + refusal.length)
        }
    }

    private func take(_ verdict: RecordVerdict, _ range: Range<Int>) {
        switch verdict {
        case .stays(let time): note(time)
        case .replaced(let bytes, let time):
            edit(range, bytes)
            note(time)
        case .goes: edit(range, [])
        }
    }

    private func note(_ time: Int64?) {
        if let time { oldest = min(oldest ?? time, time) }
    }

    private func edit(_ range: Range<Int>, _ bytes: [UInt8]) {
        edits.append((range, bytes))
        isChanged = true
    }

    /// A marker stands for many records; where the file is written anew, the name of their origin names nobody either.
    private func take(_ marker: RawMarker, at range: Range<Int>) {
        context = marker.context ?? context
        var clean = marker
        clean.raw.origin = anonymity.anonymiser.scrub(marker.raw.origin)
        guard clean != marker, let line = try? clean.line() else { return }
        edits.append((range, Array(line.dropFirst().dropLast())))
    }
}
