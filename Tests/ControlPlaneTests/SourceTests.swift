import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("Sources")
struct SourceTests {
    let home = TemporaryHome()
    static let topic = "arn:aws:sns:eu-west-1:123456789012:ses-events"
    static let all: [SourceSettings] = [
        .sns(.init(topicARNs: [topic])),
        .sns(.init(topicARNs: [topic], signatureVersions: [1, 2], allowsRawDelivery: true)),
        .firehose, .firehoseAPI(.init()), .eventbridge(.init(authentication: .basic)), .http,
        .s3(.init(bucket: "my-events", prefix: "ses/", region: "eu-west-1")),
        .sqs(.init(queueURL: "https://sqs.eu-west-1.amazonaws.com/123456789012/q", region: "eu-west-1")),
    ]

    @Test("come back from the disk as they were given", arguments: all)
    func roundTrip(_ settings: SourceSettings) async throws {
        let control = try await home.open()
        let created = try await control.addSource("shop", settings: settings, by: tester, at: noon)
        try control.close()
        let found = try await home.open().source("shop")
        #expect(found.settings == settings && found.workspace == "default" && found.createdAt == noon)
        #expect(found.id == created.source.id && found.pausedAt == nil)
        #expect((created.secret != nil) == ![.none, .given].contains(settings.secretNeed))
    }

    @Test(
        "show their secret once; what is recognised is nowhere on the disk",
        arguments: [all[1], .firehose, all[4], .http])
    func secretIsNotKept(_ settings: SourceSettings) async throws {
        let control = try await home.open()
        let secret = try #require(await control.addSource("shop", settings: settings, by: tester).secret)
        let rotated = try #require(await control.rotateSecret(of: "shop", by: tester).secret)
        for text in [secret.text, rotated.text] {
            #expect(try home.databaseBytes().range(of: Data(text.utf8)) == nil)
            #expect(try home.databaseBytes().range(of: Data(text.dropFirst(7).prefix(20).utf8)) == nil)
        }
        #expect(!FileManager.default.fileExists(atPath: home.url.appending(path: "secrets").path))
        #expect(try await control.signingSecrets(of: control.source("shop")).isEmpty)
        #expect(try await control.source("shop").accepts(rotated.text))
    }

    @Test("that sign have their secret in a private file, not in the database")
    func signingSecret() async throws {
        let control = try await home.open()
        let settings = SourceSettings.firehoseAPI(.init())
        let created = try await control.addSource("api", settings: settings, by: tester)
        let secret = try #require(created.secret)
        #expect(try home.mode("secrets") == 0o700)
        #expect(try home.mode("secrets/\(created.source.id)") == 0o600)
        #expect(try home.databaseBytes().range(of: Data(secret.text.utf8)) == nil)
        guard case .firehoseAPI(let api) = settings else { return }
        let found = try #require(try await control.source(accessKeyID: api.accessKeyID))
        #expect(try await control.signingSecrets(of: found) == [secret.text])
        #expect(try await control.source(accessKeyID: "SESMNOBODY") == nil)
        try await control.removeSource("api", by: tester)
        #expect(!FileManager.default.fileExists(atPath: home.url.appending(path: "secrets/\(found.id)").path))
        let next = try await control.addSource("api", settings: .firehoseAPI(.init()), by: tester)
        #expect(next.source.id > found.id, "an id does not come again")
    }

    @Test("take the old secret for the grace after a rotation and no longer")
    func rotation() async throws {
        let control = try await home.open()
        let old = try #require(
            await control.addSource("fh", settings: .firehose, by: tester, at: noon).secret)
        let rotated = try await control.rotateSecret(of: "fh", grace: 60, by: tester, at: noon)
        let new = try #require(rotated.secret)
        for (text, seconds, expected) in [(old.text, 59, true), (old.text, 60, false), (new.text, 60, true)] {
            #expect(rotated.source.accepts(text, at: noon.adding(seconds: seconds)) == expected)
        }
        let leaked = try await control.rotateSecret(of: "fh", grace: 0, by: tester, at: noon)
        #expect(!leaked.source.accepts(new.text, at: noon))
        #expect(!leaked.source.accepts("", at: noon))

        let api = try await control.addSource("api", settings: .firehoseAPI(.init()), by: tester, at: noon)
        let second = try await control.rotateSecret(of: "api", grace: 60, by: tester, at: noon)
        let both = [second.secret?.text, api.secret?.text]
        #expect(try await control.signingSecrets(of: api.source, at: noon.adding(seconds: 59)) == both)
        #expect(try await control.signingSecrets(of: api.source, at: noon.adding(seconds: 60)) == [both[0]])
        let plain = try await control.addSource("s", settings: Self.all[0], by: tester)
        #expect(plain.secret == nil)
        #expect(await failure { _ = try await control.rotateSecret(of: "s", by: tester) }?.kind == .usage)
    }

    @Test("that sign with your key ask for its secret and keep it in the file")
    func givenSecret() async throws {
        let control = try await home.open()
        let settings = SourceSettings.s3(
            .init(
                bucket: "my-events", region: "eu-west-1", credentials: .accessKey(id: "AKIAEXAMPLEKEYID0001"))
        )
        #expect(
            await failure { _ = try await control.addSource("b", settings: settings, by: tester) }?.kind
                == .usage)
        #expect(try await control.sources().isEmpty, "nothing is left of a failed addition")
        let created = try await control.addSource(
            "b", settings: settings, awsSecretAccessKey: "very/secret+key", by: tester)
        #expect(created.secret == nil)
        #expect(try await control.signingSecrets(of: created.source) == ["very/secret+key"])
        #expect(try home.databaseBytes().range(of: Data("very/secret+key".utf8)) == nil)
        _ = try await control.rotateSecret(of: "b", awsSecretAccessKey: "another", by: tester)
        #expect(try await control.signingSecrets(of: created.source) == ["another"])
    }

    @Test("whose secret cannot be written are not added at all")
    func secretWriteFails() async throws {
        let control = try await home.open()
        try Data("in the way".utf8).write(to: home.url.appending(path: "secrets"))
        let add = { _ = try await control.addSource("api", settings: .firehoseAPI(.init()), by: tester) }
        #expect(await failure(add)?.kind == .storage)
        #expect(try await control.sources().isEmpty)
        #expect(try await control.auditLog().isEmpty)
        try FileManager.default.removeItem(at: home.url.appending(path: "secrets"))
        #expect(await failure(add) == nil)
    }

    @Test("whose secret's file is damaged say which, and a rotation mends it")
    func secretDamaged() async throws {
        let control = try await home.open()
        let source = try await control.addSource("api", settings: .firehoseAPI(.init()), by: tester).source
        try Data("{\"curr".utf8).write(to: home.url.appending(path: "secrets/\(source.id)"))
        let found = await failure { _ = try await control.signingSecrets(of: source) }
        #expect(found?.kind == .storage && found?.message.contains("secrets/\(source.id)") == true)
        let secret = try await control.rotateSecret(of: "api", by: tester).secret
        #expect(try await control.signingSecrets(of: source) == [secret?.text])
    }

    @Test("can change their settings, but not their kind; a secret comes and goes with the need for it")
    func update() async throws {
        let control = try await home.open()
        _ = try await control.addSource("shop", settings: Self.all[0], by: tester)
        let raw = try await control.updateSource("shop", settings: Self.all[1], by: tester)
        let secret = try #require(raw.secret)
        let again = try await control.updateSource("shop", settings: Self.all[1], by: tester)
        #expect(again.secret == nil && again.source.accepts(secret.text))
        let signed = try await control.updateSource("shop", settings: Self.all[0], by: tester)
        #expect(!signed.source.accepts(secret.text))
        #expect(
            await failure { _ = try await control.updateSource("shop", settings: .http, by: tester) }?.kind
                == .usage)
    }

    @Test("have one name each, can be paused, and belong to a workspace")
    func upkeep() async throws {
        let control = try await home.open()
        try await control.addWorkspace("acme", by: tester)
        _ = try await control.addSource("b", workspace: "acme", settings: .http, by: tester)
        _ = try await control.addSource("a", settings: .firehose, by: tester)
        #expect(try await control.sources().map(\.name) == ["a", "b"])
        #expect(try await control.sources(in: "acme").map(\.name) == ["b"])
        #expect(
            await failure {
                _ = try await control.addSource("a", workspace: "acme", settings: .http, by: tester)
            }?.kind == .usage)
        #expect(
            await failure {
                _ = try await control.addSource("c", workspace: "x", settings: .http, by: tester)
            }?.kind == .notFound)
        try await control.setSource("a", paused: true, by: tester, at: noon)
        #expect(try await control.source("a").pausedAt == noon)
        try await control.setSource("a", paused: false, by: tester)
        #expect(try await control.source("a").pausedAt == nil)
        try await control.removeSource("a", by: tester)
        #expect(await failure { _ = try await control.source("a") }?.kind == .notFound)
    }

    @Test(
        "with settings that cannot work, or that would break out of a script, are refused",
        arguments: [
            .sns(.init(topicARNs: [])), .sns(.init(topicARNs: ["ses-events"])),
            .sns(.init(topicARNs: [topic + ".fifo"])), .sns(.init(topicARNs: [topic + "$(id)"])),
            .sns(.init(topicARNs: [topic], signatureVersions: [])),
            .sns(.init(topicARNs: [topic], signatureVersions: [3])),
            .s3(.init(bucket: "My_Bucket", region: "eu-west-1")),
            .s3(.init(bucket: "a..b", region: "eu-west-1")),
            .s3(.init(bucket: "my-events", prefix: "/ses", region: "eu-west-1")),
            .s3(.init(bucket: "my-events", prefix: "a'; rm -rf ~ #", region: "eu-west-1")),
            .s3(.init(bucket: "my-events", prefix: "${x}", region: "eu-west-1")),
            .s3(.init(bucket: "my-events", region: "europe")),
            .s3(.init(bucket: "my-events", region: "eu-west-1", endpoint: "file:///etc/passwd")),
            .s3(.init(bucket: "my-events", region: "eu-west-1", endpoint: "http://user:pass@host/")),
            .sqs(.init(queueURL: "queue", region: "eu-west-1")),
            .sqs(.init(queueURL: "https://x/1/q\"$(id)", region: "eu-west-1")),
        ] as [SourceSettings])
    func badSettings(_ settings: SourceSettings) async throws {
        let control = try await home.open()
        #expect(
            await failure { _ = try await control.addSource("s", settings: settings, by: tester) }?.kind
                == .usage)
    }
}
