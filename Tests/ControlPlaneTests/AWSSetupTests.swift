import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("The texts for AWS")
struct AWSSetupTests {
    static let topic = "arn:aws:sns:eu-west-1:123456789012:ses-events"
    static let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/ses-queue"
    /// Settings, and what each text must name.
    static let cases: [(SourceSettings, [String])] = [
        (.sns(.init(topicARNs: [topic])), ["ses-events", "/ingest/sns/shop"]),
        (.sns(.init(topicARNs: [topic], allowsRawDelivery: true)), ["https://sesame:$"]),
        (.firehose, ["https://sesame.example.com/ingest/firehose/shop", "FailedDataOnly"]),
        (.eventbridge(.init()), ["/ingest/eventbridge/shop", "X-Api-Key"]),
        (.eventbridge(.init(authentication: .basic)), ["BASIC", "shop"]),
        (.sqs(.init(queueURL: queue, region: "eu-west-1")), ["ses-queue", "sqs:DeleteMessage"]),
        (
            .s3(.init(bucket: "my-events", prefix: "ses/", region: "eu-west-1")),
            ["my-events", "ses/", "s3:GetObject"]
        ),
        (
            .s3(.init(bucket: "my-events", region: "eu-west-1", queueURL: queue)),
            ["s3:ObjectCreated:*", "ses-queue"]
        ),
    ]

    @Test(
        "name the endpoint and all that the kind needs, in every form", arguments: cases,
        AWSSetup.Style.allCases)
    func texts(_ example: (settings: SourceSettings, needles: [String]), _ style: AWSSetup.Style) async throws
    {
        let control = try await TemporaryHome().open()
        let created = try await control.addSource("shop", settings: example.settings, by: tester)
        let text = try AWSSetup.instructions(
            for: created.source, publicURL: "https://sesame.example.com/", as: style)
        for needle in example.needles { #expect(text.contains(needle), "\(needle) in \(style)") }
        #expect(!text.contains("example.com//") && !text.contains("Optional(") && text.hasSuffix("\n"))
        if let secret = created.secret { #expect(!text.contains(secret.text)) }
        for line in text.split(separator: "\n") { #expect(!line.hasSuffix(" "), "\(line)") }
    }

    @Test("name AWS's things within AWS's limits")
    func labels() {
        #expect(AWSName.label(of: "shop_eu") == "shop-eu")
        let long = (1...63).map { AWSName.label(of: String(repeating: "a_", count: 32).prefix($0) + "") }
        #expect(long.allSatisfy { $0.utf8.count <= 31 && !$0.contains("_") } && Set(long).count == 63)
        let bucket = "sesame-\(long[62])-undelivered-123456789012"
        #expect(AWSName.isBucket(bucket))
    }

    @Test("as scripts are read by the shell without complaint", arguments: cases)
    func shell(_ example: (settings: SourceSettings, needles: [String])) async throws {
        let home = TemporaryHome()
        let control = try await home.open()
        let source = try await control.addSource("shop", settings: example.settings, by: tester).source
        let script = home.url.appending(path: "setup.sh")
        try Data(AWSSetup.instructions(for: source, publicURL: "https://sesame.example.com").utf8).write(
            to: script)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-n", script.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test(
        "are refused for an address that AWS cannot deliver to, or that would break out of the text",
        arguments: [
            "", "sesame", "http://sesame.example.com", "https://", "https://user:pass@sesame.example.com",
            "https://sesame.example.com:8443", "https://x'$(id)", "https://x.example/\n", "ftp://x.example",
            "https://x.example/?a=b", "https://${x}.example",
        ])
    func badAddress(_ url: String) async throws {
        let control = try await TemporaryHome().open()
        let source = try await control.addSource("shop", settings: .firehose, by: tester).source
        #expect(await failure { _ = try AWSSetup.instructions(for: source, publicURL: url) }?.kind == .usage)
    }

    @Test(
        "say how programs send, where nothing is needed in AWS",
        arguments: [SourceSettings.http, .firehoseAPI(.init())])
    func programs(_ settings: SourceSettings) async throws {
        let control = try await TemporaryHome().open()
        let source = try await control.addSource("shop", settings: settings, by: tester).source
        let text = try AWSSetup.instructions(for: source, publicURL: "http://127.0.0.1:8080")
        #expect(text.contains("$SESAME_SECRET") && text.contains("http://127.0.0.1:8080"))
        let failure = await failure {
            _ = try AWSSetup.instructions(for: source, publicURL: "https://x.example", as: .terraform)
        }
        #expect(failure?.kind == .usage)
    }
}
