import ControlPlane
import EventLog
import Ingest
import Primitives

/// What all pollers of one source are given.
struct FetchContext: Sendable {
    var source: Source
    var control: ControlDatabase
    var sink: FetchSink
    var book: ActivityBook
    /// The folder in which objects lie while they are read.
    var spoolFolder: String
    var now: @Sendable () -> Timestamp = { .now }
    /// Hears of each error.
    var onError: @Sendable (Failure) -> Void = { _ in }

    /// A record of what came from `origin`.
    func record(_ body: [UInt8], origin: String, offset: Int = 0, refusal: String? = nil) -> LogRecord {
        typealias Name = LoggedRecord.AttributeName
        var attributes = [LogAttribute(Name.origin, origin)]
        if offset > 0 { attributes.append(LogAttribute(Name.offset, "\(offset)")) }
        if let refusal { attributes.append(LogAttribute(Name.refusal, refusal)) }
        return LogRecord(receivedAt: now(), source: source.name, origin: attributes, body: body)
    }

    /// Counts events that are on the disk.
    func count(events: Int) async {
        guard events > 0 else { return }
        await book.add(SourceActivity(events: events, at: now()), to: source)
    }

    /// Counts what was refused, with its sentence.
    func count(refused reason: FetchRefusal, _ message: String) async {
        var activity = SourceActivity()
        activity.refused = [reason.rawValue: 1]
        (activity.lastError, activity.lastErrorAt) = (message, now())
        await book.add(activity, to: source)
    }

    /// Notes that something could not be fetched; it is tried again.
    func note(_ error: any Error) async {
        let failure = error as? Failure ?? Failure(.storage, "\(error)")
        var activity = SourceActivity()
        (activity.lastError, activity.lastErrorAt) = (failure.message, now())
        await book.add(activity, to: source)
        onError(failure)
    }

    /// Notes that a look for events ended without an error.
    func noteFetched() async {
        var activity = SourceActivity()
        activity.fetchedAt = now()
        await book.add(activity, to: source)
    }
}

/// Why an object was not taken, a word for each as the source's counters show it.
enum FetchRefusal: String {
    /// Compressed data that is cut off or broken (what came before is in), or a format that holds no JSON text.
    case unreadable = "unreadable_object"
    /// A record of it is longer than any event.
    case longRecord = "long_record"
}

extension SourceActivity {
    /// Events that came at one moment.
    fileprivate init(events: Int, at time: Timestamp) {
        self.init()
        (self.events, lastEventAt) = (events, time)
    }
}
