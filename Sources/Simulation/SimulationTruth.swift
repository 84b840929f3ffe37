import Foundation
import Primitives

/// What was generated, counted as it was made, to compare an analysis of the output with.
///
/// Every count is of distinct events: repeated lines count in ``lines`` and ``duplicates`` alone. Keys of the inner
/// dictionaries are the values of `eventType`; a pair that did not occur has no key. The event time is the time
/// of the event's own object, or `mail.timestamp` for Send, Reject and Rendering Failure. The recipients of an event
/// are those that its own object names, or all of `mail.destination` where it names none (Send, Reject, Rendering
/// Failure, Open, Click, Subscription).
public struct SimulationTruth: Codable, Equatable, Sendable {
    /// The options of the run, as far as they shape the output.
    public struct Arguments: Codable, Equatable, Sendable {
        /// Messages asked for.
        public var messages: Int
        /// Days of sending.
        public var days: Int
        /// Share of repeated events.
        public var duplicates: Double
        /// Share of displaced events.
        public var out_of_order: Double
        /// Day after the last day of sending.
        public var end: String
        /// Whether events after the end were left out.
        public var stops_at_end: Bool
    }

    /// The seed.
    public var seed: UInt64
    /// The options.
    public var arguments: Arguments
    /// Lines of output, repeated ones included.
    public var lines = 0
    /// Distinct events.
    public var events = 0
    /// Lines that repeat an earlier one.
    public var duplicates = 0
    /// Events held back until after younger ones (at the very end of the output fewer, or none, may follow).
    public var displaced = 0
    /// Messages with at least one event.
    public var messages = 0
    /// Messages with more than one address in `mail.destination`.
    public var multi_recipient_messages = 0
    /// Bytes of output.
    public var bytes = 0
    /// Events by type.
    public var by_type: [String: Int] = [:]
    /// UTC day of the event time → type.
    public var by_day: [String: [String: Int]] = [:]
    /// Tag `ses:configuration-set` → type.
    public var by_configuration_set: [String: [String: Int]] = [:]
    /// Tag `campaign` → type.
    public var by_campaign: [String: [String: Int]] = [:]
    /// Domain → type, of events with exactly one recipient; the others are in ``multi_recipient_events``.
    public var by_recipient_domain: [String: [String: Int]] = [:]
    /// Events with more than one recipient, by type.
    public var multi_recipient_events: [String: Int] = [:]
    /// Bounces by `bounceType/bounceSubType`.
    public var bounces: [String: Int] = [:]
    /// Complaints by `complaintFeedbackType`; `none` where the key is absent.
    public var complaints: [String: Int] = [:]
    /// Complaints by `complaintSubType`; `none` where it is null.
    public var complaint_subtypes: [String: Int] = [:]
    /// Delivery delays by `delayType`.
    public var delays: [String: Int] = [:]
    /// Opens by what caused them, people and machines.
    public var opens_by_cause: [String: Int] = [:]
    /// Clicks by what caused them, people and machines.
    public var clicks_by_cause: [String: Int] = [:]
    /// Opens without a person behind them.
    public var machine_opens = 0
    /// Clicks without a person behind them.
    public var machine_clicks = 0
    /// Messages with an Open, by whomever.
    public var opened_messages = 0
    /// Messages with an Open that a person caused.
    public var reader_opened_messages = 0
    /// Messages with a Click, by whomever.
    public var clicked_messages = 0
    /// Messages with an Open and without any Click.
    public var opened_not_clicked_messages = 0
    /// The earliest event time.
    public var first_event = ""
    /// The latest event time.
    public var last_event = ""

    /// An empty count for a run with `options`.
    init(options: SimulationOptions) {
        seed = options.seed
        arguments = Arguments(
            messages: options.messages, days: options.days, duplicates: options.duplicates,
            out_of_order: options.outOfOrder, end: options.end.description, stops_at_end: options.stopsAtEnd)
    }

    /// The truth file: JSON with sorted keys, so that equal runs give equal bytes.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
