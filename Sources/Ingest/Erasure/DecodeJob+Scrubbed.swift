import EventLog
import Primitives
import Scanning
import SESEvents

extension DecodeJob {
    /// The job with the addresses of erased people replaced, in records, in what is refused and in what is kept as raw: so
    /// what comes late, or again, comes in as if it had always been so.
    func scrubbed(by scrubber: AddressScrubber) -> DecodeJob {
        var clean = self
        clean.block = block.scrubbed(by: scrubber) ?? block
        for index in contexts.indices {
            let origin = contexts[index].context.origin
            clean.contexts[index].context.origin = scrubber.scrub(origin) ?? origin
        }
        return clean
    }
}

extension LoggedRecord {
    /// The record with the addresses of erased people replaced in its body.
    func scrubbed(by scrubber: AddressScrubber) -> LoggedRecord {
        guard let body = record.body.withUnsafeBytes({ scrubber.scrub($0) }) else { return self }
        var clean = self
        clean.record.body = body
        return clean
    }
}

extension RecordBlock {
    /// The block with addresses replaced and its records in the places where they lie then; nil where there is none.
    ///
    /// Records are not looked for again, for a block may begin in the middle of an array.
    func scrubbed(by scrubber: AddressScrubber) -> RecordBlock? {
        guard scrubber.scrub(wholeRecords) != nil else { return nil }
        var output: [UInt8] = []
        var content = content
        var position = 0
        func append(_ range: Range<Int>) {
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[range])
            if let clean = scrubber.scrub(bytes) { output += clean } else { output += bytes }
        }
        for (index, record) in content.records.enumerated() {
            append(position..<record.offset)
            content.records[index].offset = output.count
            append(record.range)
            content.records[index].length = output.count - content.records[index].offset
            position = record.range.upperBound
        }
        append(position..<wholeRecords.count)
        for (index, refusal) in content.refusals.enumerated() {
            guard let clean = refusal.bytes.withUnsafeBytes({ scrubber.scrub($0) }) else { continue }
            content.refusals[index].length += clean.count - refusal.bytes.count
            content.refusals[index].bytes = clean
        }
        return RecordBlock(scrubbed: output, content: content, streamOffset: streamOffset)
    }

    private convenience init(scrubbed bytes: [UInt8], content: SplitRecords, streamOffset: Int) {
        let pool = BlockBufferPool(byteCount: bytes.count + RecordBlock.padding)
        let buffer = pool.take()
        bytes.withUnsafeBytes { buffer.memory.copyMemory(from: $0) }
        UnsafeMutableRawBufferPointer(rebasing: buffer.memory[bytes.count...])
            .initializeMemory(as: UInt8.self, repeating: 0)
        self.init(
            content: content, limits: SplitLimits(), streamOffset: streamOffset, count: bytes.count,
            wholeCount: bytes.count, buffer: buffer, pool: pool)
    }
}
