import AWSClients
import AWSProtocols
import Compression
import ControlPlane
import Foundation
import Primitives

/// Tries whether a source can be fetched from, and says what would be; takes nothing and changes nothing.
public struct SourceProbe: Sendable {
    /// What was found, as name and text.
    public typealias Finding = (name: String, text: String)

    private let control: ControlDatabase
    private let transport: AWSTransport

    /// A probe over connections of its caller.
    public init(_ control: ControlDatabase, transport: AWSTransport) {
        (self.control, self.transport) = (control, transport)
    }

    /// Asks AWS by the source's own credentials.
    ///
    /// - Throws: ``Failure`` that says what is missing; of kind usage for a source to which events are sent.
    public func run(_ source: Source) async throws -> [Finding] {
        guard !source.kind.isPushed else {
            throw Failure(
                .usage,
                "events are sent to source '\(source.name)', so there is nothing to fetch; `sesame source show \(source.name)` "
                    + "says what came")
        }
        let access = try AWSAccess(await PollerSpec(source, in: control), transport: transport)
        let key = try await access.credentials.found()
        var findings: [Finding] = [("signs as", "\(key.credentials.accessKeyID), from \(key.origin)")]
        switch source.settings {
        case .s3(let settings):
            findings += try await look(into: settings, access, source)
            if let url = settings.queueURL {
                findings += try await look(into: access.queue(url, region: settings.region))
            }
        case .sqs(let settings):
            findings += try await look(into: access.queue(settings.queueURL, region: settings.region))
        default: break
        }
        return findings
    }

    private func look(into queue: SQSClient) async throws -> [Finding] {
        let counts = try await queue.counts()
        return [
            ("queue", queue.queueURL),
            ("messages", "about \(counts.waiting) waiting, \(counts.received) with a reader"),
        ]
    }

    private func look(
        into settings: SourceSettings.S3, _ access: AWSAccess, _ source: Source
    ) async throws -> [Finding] {
        let bucket = try access.bucket(settings.bucket, region: settings.region, endpoint: settings.endpoint)
        let page = try await bucket.list(prefix: settings.prefix)
        let wanted = page.objects.filter { !ObjectKey.isPassedOver($0, prefix: settings.prefix) }
        let known = try await control.fetchedObjects(
            of: source.id, prefix: settings.prefix, after: nil, through: wanted.last?.key)
        let new = wanted.filter { known[$0.key] != $0.tag }
        let more = page.next == nil ? "" : " of the first 1000"
        var findings: [Finding] = [
            ("bucket", bucket.url(of: settings.prefix)),
            ("objects", "\(wanted.count)\(more), of which \(new.count) are to be fetched"),
        ]
        guard let sample = new.first ?? wanted.last else { return findings }
        findings.append(("newest of them", wanted.map(\.modifiedAt).max()?.iso8601 ?? ""))
        findings.append(
            ("first to fetch", "\(sample.key), \(sample.size) bytes, \(try await format(of: sample, bucket))")
        )
        return findings
    }

    /// Whether the object may be read, and how it is compressed.
    private func format(of object: S3Object, _ bucket: S3Client) async throws -> String {
        if let advice = ObjectKey.refusal(object.key) { return "to be refused: \(advice)" }
        let head = try await bucket.beginning(of: object.key)
        return head.withUnsafeBytes { Decompressor.format(of: $0) }.rawValue
    }
}
