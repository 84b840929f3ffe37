import ArgumentParser
import Foundation
import Lake
import Primitives
import Senders

extension Road: ExpressibleByArgument {}

/// How simulated events are sent to a receiver instead of into a file.
struct SendingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Send the events to a receiver: its URL, or the name of a source of the home folder.",
            valueName: "url|source"))
    var into: String?
    @Option(
        help:
            "generic, sns, firehose, firehose-api or eventbridge (default: what the URL or the source says).")
    var road: Road?
    @Option(help: "With the name of a source: the server's address.") var server = "http://127.0.0.1:8025"
    @Option(help: "Events a second, as in 2000 or 2000/s.") var rate = "1000/s"
    @Flag(help: "Send as fast as the receiver answers, instead of at a rate.") var max = false
    @Option(help: "Events of a request (default: 500; sns and eventbridge: 1).") var batch: Int?
    @Option(help: "Requests in flight at most.") var connections = 16
    @Option(help: "Seconds to send for; history follows on history until then.") var duration: Double?
    @Option(help: "Share of acknowledged requests, 0 to 1, that is sent once more.") var redeliver = 0.0
    @Option(help: "Seconds for which a request is tried (default: as the service does).") var retryFor:
        Double?
    @Option(help: "Seconds before the second attempt (default: as the service does).") var retryPause: Double?
    @Flag(help: "Make and sign all requests before the first is sent.") var prepare = false
    @Option(help: "File with the token or secret; - is standard input (default: $SESAME_SECRET).")
    var secretFile: String?
    @Option(name: .customLong("access-key-id"), help: "firehose-api: the access key.") var accessKeyID:
        String?
    @Option(help: "firehose, firehose-api: the stream (default: the source's name).") var stream: String?
    @Option(help: "sns: the topic that messages are of (default: the source's first).") var topicArn: String?
    @Option(help: "sns: folder for the keys of the simulated SNS; made if it is not there.")
    var snsKeys = "sesame-simulated-sns"
    @Option(help: "sns: port of this machine at which its certificate is served; 0 takes a free one.")
    var snsPort = 8026
    @Option(help: "File for the acknowledged events, JSON lines, written as they are acknowledged.")
    var acknowledged: String?
    @Flag(help: "Print the report as JSON.") var json = false

    func validate() throws {
        guard into != nil else { return }
        _ = try eventsPerSecond
        guard connections >= 1, connections <= 20_000 else {
            throw ValidationError("give 1 to 20000 connections")
        }
        guard (0...1).contains(redeliver) else { throw ValidationError("--redeliver is a share, 0 to 1") }
    }

    /// The rate; nil at full speed.
    var eventsPerSecond: Double? {
        get throws {
            if max { return nil }
            let text = rate.hasSuffix("/s") ? String(rate.dropLast(2)) : rate
            guard let number = Double(text), number > 0, number.isFinite else {
                throw ValidationError("--rate is '\(rate)'; give events a second, such as 2000/s")
            }
            return number
        }
    }

    /// The token or secret; empty if none was given.
    func secret() throws -> String {
        if let secretFile { return try secretText(inFile: secretFile) }
        return ProcessInfo.processInfo.environment["SESAME_SECRET"] ?? ""
    }

    /// What to do with requests that are not acknowledged.
    func retryPolicy(of road: Road) -> RetryPolicy {
        var policy = RetryPolicy(road)
        if let retryFor { (policy.patience, policy.mostAttempts) = (retryFor, nil) }
        if let retryPause {
            policy.firstPause = retryPause
            policy.longestPause = Swift.max(retryPause, Swift.min(policy.longestPause, retryPause * 10))
        }
        return policy
    }
}
