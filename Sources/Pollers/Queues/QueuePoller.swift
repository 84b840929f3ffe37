import AWSClients
import ControlPlane
import EventLog
import Primitives

/// Empties a queue: receives, stores, and only then deletes.
///
/// A message that cannot be taken is left; the queue shows it again, and after some times puts it into its dead-letter queue,
/// if it has one. While messages are being taken they stay hidden from other readers.
struct QueuePoller: Sendable {
    /// The one place of which notifications are believed.
    struct Place: Sendable {
        var client: S3Client
        var prefix: String
    }

    let context: FetchContext
    let client: SQSClient
    /// Where buckets are that a notification names.
    let region: String
    let access: AWSAccess
    /// For a source of kind s3, its bucket and prefix; nil takes every bucket that a notification names.
    var only: Place?

    /// Seconds for which received messages are hidden, and after which they are hidden anew.
    private static let (visibility, renewal) = (120, 60)
    /// Seconds of a long poll, the longest that SQS has.
    private static let wait = 20
    /// Readers while the queue is full of messages.
    private static let lanes = 8

    /// Receives until the task is cancelled.
    func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let count = try await receive(wait: Self.wait)
                if count == SQSClient.batchSize { try await burst() }
                backoff.reset()
                await context.noteFetched()
            } catch is CancellationError { return } catch {
                await context.note(error)
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Empties a full queue with several readers; one that finds nothing more ends.
    private func burst() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.lanes {
                group.addTask { while try await receive(wait: 0) > 0 {} }
            }
            try await group.waitForAll()
        }
    }

    /// Takes one batch; gives how many messages it had.
    private func receive(wait: Int) async throws -> Int {
        let messages = try await client.receive(waitSeconds: wait, visibility: Self.visibility)
        guard !messages.isEmpty else { return 0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await keepHidden(messages) }
            try await take(messages)
            group.cancelAll()
        }
        return messages.count
    }

    private func keepHidden(_ messages: [SQSMessage]) async throws {
        while (try? await Task.sleep(for: .seconds(Self.renewal))) != nil {
            // One that was deleted meanwhile cannot be hidden, which does no harm.
            for message in messages { try? await client.hide(message, seconds: Self.visibility) }
        }
    }

    private func take(_ messages: [SQSMessage]) async throws {
        var (done, records): ([SQSMessage], [LogRecord]) = ([], [])
        var naming: [(SQSMessage, [QueueBody.NamedObject])] = []
        for message in messages {
            switch QueueBody(message.body) {
            case .nothing: done.append(message)
            case .objects(let objects): naming.append((message, objects))
            case .events:
                records.append(
                    context.record(Array(message.body.utf8), origin: "SQS message \(message.id)"))
                done.append(message)
            }
        }
        if !records.isEmpty {
            try await context.sink.keep(records)
            await context.count(events: records.count)
            FailPoint.reached("fetch.beforeDelete")
        }
        try await delete(done)
        for (message, objects) in naming where try await take(objects) { try await delete([message]) }
    }

    /// Takes the objects of a notification; false if one could not be fetched, so that the message must come again.
    private func take(_ objects: [QueueBody.NamedObject]) async throws -> Bool {
        for object in objects {
            do { try await take(object) } catch is CancellationError { throw CancellationError() } catch {
                await context.note(error)
                return false
            }
        }
        return true
    }

    private func take(_ object: QueueBody.NamedObject) async throws {
        let bucket = try only?.client ?? access.bucket(object.bucket, region: region)
        if let only {
            guard object.bucket == only.client.bucket, object.key.hasPrefix(only.prefix) else { return }
        }
        let head: S3Object
        do { head = try await bucket.head(object.key) } catch let failure as Failure
            where failure.kind == .notFound
        {
            // Deleted since: there is nothing to fetch.
            return
        }
        if ObjectKey.isPassedOver(head, prefix: only?.prefix ?? "") { return }
        let known = try await context.control.fetchedObjects(
            of: context.source.id, prefix: object.key, after: nil, through: object.key)
        let isSource = only != nil
        if isSource, known[object.key] == head.tag { return }
        try await ObjectTaker(context: context).take(
            object.key, etag: head.etag.isEmpty ? nil : head.etag, from: bucket)
        guard isSource else { return }
        try await context.control.noteFetched(
            [FetchedObject(key: object.key, etag: head.tag, modifiedAt: head.modifiedAt)],
            of: context.source.id)
    }

    private func delete(_ messages: [SQSMessage]) async throws {
        for failed in try await client.delete(messages) {
            await context.note(
                Failure(
                    .storage,
                    "message \(failed.message.id) was stored and cannot be deleted (\(failed.reason)); it comes again, which does "
                        + "no harm"))
        }
    }
}
