import Foundation
import Primitives

/// What must be set up in AWS so that a source gets events, to be pasted.
///
/// No text holds a secret: each asks for it as an environment variable, a parameter or a variable. All that goes into a
/// text was checked by ``SourceSettings`` or here, so nothing can break out of its quotes.
public enum AWSSetup {
    /// The forms of the text.
    public enum Style: String, CaseIterable, Sendable {
        /// A shell script around the AWS CLI.
        case cli
        /// A CloudFormation template in YAML.
        case cloudformation
        /// A Terraform configuration for the AWS provider 5 or newer.
        case terraform
    }

    /// The text for a source.
    ///
    /// - Parameter publicURL: the address under which AWS reaches this Sesame, such as `https://sesame.example.com`.
    /// - Throws: ``Failure`` of kind usage if AWS cannot deliver to the address, or the kind needs nothing in AWS and only
    ///   the form `cli` says how it is used.
    public static func instructions(
        for source: Source, publicURL: String, as style: Style = .cli
    ) throws(Failure) -> String {
        let base = try checked(publicURL, for: source)
        let endpoint = base + (source.endpointPath ?? "")
        switch source.settings {
        case .sns(let settings):
            return try SNSSetup(name: source.name, settings: settings, endpoint: endpoint).text(style)
        case .firehose: return FirehoseSetup(name: source.name, endpoint: endpoint).text(style)
        case .eventbridge(let settings):
            return EventBridgeSetup(name: source.name, settings: settings, endpoint: endpoint).text(style)
        case .sqs(let settings): return try SQSSetup(name: source.name, settings: settings).text(style)
        case .s3(let settings): return try S3Setup(name: source.name, settings: settings).text(style)
        case .http, .firehoseAPI:
            guard style == .cli else {
                throw Failure(
                    .usage,
                    "a source of kind \(source.kind.rawValue) needs nothing in AWS; --as cli shows how to send to it"
                )
            }
            return client(source, endpoint: endpoint)
        }
    }

    /// The address without a slash at its end.
    private static func checked(_ publicURL: String, for source: Source) throws(Failure) -> String {
        guard source.kind.isPushed else { return "" }
        let safe = publicURL.utf8.allSatisfy { AWSName.isWord($0) || "-./:[]".utf8.contains($0) }
        guard safe, let parts = URLComponents(string: publicURL), let scheme = parts.scheme,
            ["https", "http"].contains(scheme), parts.host?.isEmpty == false, parts.user == nil
        else {
            throw Failure(.usage, "'\(publicURL)' is no address such as https://sesame.example.com")
        }
        let isOwnClient = source.kind == .http || source.kind == .firehoseAPI
        guard isOwnClient || scheme == "https" else {
            throw Failure(
                .usage, "AWS delivers over https only; give the https address of Sesame or of its proxy")
        }
        guard source.kind != .firehose || parts.port ?? 443 == 443 else {
            throw Failure(.usage, "Firehose delivers to port 443 only; \(publicURL) names another")
        }
        return publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
    }

    private static func client(_ source: Source, endpoint: String) -> String {
        guard case .firehoseAPI(let settings) = source.settings else {
            return """
                # Send NDJSON, one SES event a line, up to some thousand a request; gzip is fine.
                # "OK" means that they are on the disk. On 5xx or no answer send the same again: nothing counts twice.
                curl --fail-with-body --retry 5 -H "Authorization: Bearer $SESAME_SECRET" \\
                    -H 'Content-Type: application/x-ndjson' --data-binary @events.ndjson \\
                    '\(endpoint)'

                """
        }
        return """
            # Any AWS SDK can send: give it this endpoint, the key below and any region.
            export AWS_ACCESS_KEY_ID=\(settings.accessKeyID)
            export AWS_SECRET_ACCESS_KEY="$SESAME_SECRET"
            export AWS_DEFAULT_REGION=us-east-1
            # The AWS CLI of version 2 takes data as Base64.
            aws firehose put-record --endpoint-url '\(endpoint)' --delivery-stream-name \(source.name) \\
                --record "Data=$(base64 < event.json | tr -d '\\n')"

            """
    }
}
