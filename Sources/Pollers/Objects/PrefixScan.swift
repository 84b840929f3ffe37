import AWSClients
import ControlPlane
import Primitives

/// One look through a prefix: lists it page by page and takes the objects that are not known, four at a time.
struct PrefixScan {
    let context: FetchContext
    let client: S3Client
    let prefix: String

    /// Objects that are fetched at once: enough to hide S3's answering time, few enough to hold in memory.
    private static let lanes = 4
    /// Objects whose records are on the disk and which are not yet noted; after a kill they are fetched once more.
    private static let notedTogether = 64
    /// After so many objects in a row that could not be fetched, the fault is not theirs.
    private static let mostFailures = 8

    /// What a look found.
    struct Report: Equatable {
        /// Pages that were listed.
        var pages = 0
        /// Objects that were taken, refused ones among them.
        var taken = 0
        /// Objects that could not be fetched and are tried again.
        var failed = 0
    }

    /// What became of one object.
    private enum Outcome: Sendable {
        case taken(S3Object)
        case gone
        case failed(Failure)
        case cancelled
    }

    /// Looks through the keys behind `start`, or through all of them. Objects that are no longer there are forgotten.
    ///
    /// - Throws: ``Failure``, `CancellationError`; what was taken before stays noted.
    func run(after start: String? = nil) async throws -> Report {
        var report = Report()
        var (continuation, previous): (String?, String?) = (nil, start)
        repeat {
            let page = try await client.list(
                prefix: prefix, after: continuation == nil ? start : nil, continuation: continuation)
            let last = page.next == nil ? nil : page.objects.last?.key
            let known = try await context.control.fetchedObjects(
                of: context.source.id, prefix: prefix, after: previous, through: last)
            let listed = Set(page.objects.map(\.key))
            try await context.control.forgetFetched(
                known.keys.filter { !listed.contains($0) }, of: context.source.id)
            let new = page.objects.filter {
                !ObjectKey.isPassedOver($0, prefix: prefix) && known[$0.key] != $0.tag
            }
            try await take(new, &report)
            report.pages += 1
            (continuation, previous) = (page.next, last ?? previous)
        } while continuation != nil
        return report
    }

    private func take(_ objects: [S3Object], _ report: inout Report) async throws {
        var (rest, unnoted, failuresInRow) = (objects[...], [S3Object](), 0)
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            func start() {
                if let object = rest.popFirst() { group.addTask { try await outcome(of: object) } }
            }
            for _ in 0..<Self.lanes { start() }
            do {
                while let outcome = try await group.next() {
                    switch outcome {
                    case .cancelled: throw CancellationError()
                    case .gone: break
                    case .taken(let object):
                        (report.taken, failuresInRow) = (report.taken + 1, 0)
                        unnoted.append(object)
                    case .failed(let failure):
                        (report.failed, failuresInRow) = (report.failed + 1, failuresInRow + 1)
                        await context.note(failure)
                        if failuresInRow == Self.mostFailures { throw failure }
                    }
                    if unnoted.count == Self.notedTogether { try await note(&unnoted) }
                    start()
                }
            } catch {
                group.cancelAll()
                try await note(&unnoted)
                throw error
            }
            try await note(&unnoted)
        }
    }

    private func outcome(of object: S3Object) async throws -> Outcome {
        do {
            let etag = object.etag.isEmpty ? nil : object.etag
            try await ObjectTaker(context: context).take(object.key, etag: etag, from: client)
            return .taken(object)
        } catch is CancellationError {
            return .cancelled
        } catch let failure as Failure {
            guard failure.kind == .notFound else { return .failed(failure) }
            // It was deleted or written anew after it was listed: the next listing tells. It is said all the same, for a
            // server that lists keys which it does not know would else hide events for ever.
            await context.note(failure)
            return .gone
        }
    }

    private func note(_ objects: inout [S3Object]) async throws {
        FailPoint.reached("fetch.beforeNote")
        try await context.control.noteFetched(
            objects.map { FetchedObject(key: $0.key, etag: $0.tag, modifiedAt: $0.modifiedAt) },
            of: context.source.id)
        objects = []
    }
}

extension S3Object {
    /// What tells this content of the key from others; servers that give no tags are trusted in size and time.
    var tag: String { etag.isEmpty ? "\(size) bytes at \(modifiedAt)" : etag }
}
