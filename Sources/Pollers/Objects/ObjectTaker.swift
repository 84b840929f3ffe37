import AWSClients
import Foundation
import Ingest
import Primitives

/// Takes an object of a bucket into the log: fetched whole, inflated, cut between records, and appended block by block.
struct ObjectTaker: Sendable {
    let context: FetchContext

    /// The largest object, in bytes as they lie in the bucket. Firehose writes 128 MiB at most.
    static let largestObject = 5 << 30

    /// Returns when all of the object that can be read is on the disk. What cannot be read of it goes there too, as a
    /// refused record with the object's name and the reason, and is not tried again.
    ///
    /// - Throws: ``Failure`` where it may do the next time: of kind notFound if the object has gone or changed, another if
    ///   AWS, the network or the disk failed. `CancellationError`.
    func take(_ key: String, etag: String?, from client: S3Client) async throws {
        let name = client.url(of: key)
        if let advice = ObjectKey.refusal(key) {
            return try await refuse(name, "\(name) is \(advice)")
        }
        let spool = try ObjectSpool(in: context.spoolFolder, name: name)
        do {
            try await client.read(key, etag: etag, limit: Self.largestObject) { try await spool.write($0) }
        } catch let failure as Failure where failure.kind == .input {
            // Larger than the limit, or in an archive.
            return try await refuse(name, failure.message)
        }
        FailPoint.reached("fetch.afterRead")
        do {
            while let block = try await spool.next() { try await append(block, name) }
        } catch let failure as Failure where failure.kind == .input {
            try await refuse(name, failure.message)
        }
        FailPoint.reached("fetch.afterAppend")
    }

    private func append(_ block: RecordBlock, _ name: String) async throws {
        let refusedStart = block.refusals.first.map { max(0, $0.streamOffset - block.streamOffset) } ?? .max
        let start = min(block.records.first?.offset ?? .max, refusedStart)
        let whole = block.wholeRecords
        guard start < whole.count else { return }
        let body = Array(whole[start...])
        try await context.sink.keep([
            context.record(body, origin: name, offset: block.streamOffset + start)
        ])
        await context.count(events: block.records.count)
        for refusal in block.refusals {
            guard case .tooLong = refusal.reason else { continue }
            await context.count(
                refused: .longRecord, "\(name), line \(refusal.line): \(refusal.reason.message)")
        }
    }

    private func refuse(_ name: String, _ reason: String) async throws {
        try await context.sink.keep([context.record([], origin: name, refusal: reason)])
        await context.count(refused: .unreadable, reason)
    }
}
