import Foundation
import Primitives
import Testing

@testable import ControlPlane

@Suite("Streams of the Firehose API")
struct DeliveryStreamTests {
    private let home = TemporaryHome()

    private func make() async throws -> ControlDatabase {
        let control = try await home.open()
        try await control.addDeliveryStream(
            "orders", in: "default", arn: "arn:x", destination: #"{"a":{"b":1}}"#,
            tags: [.init(key: "k", value: nil)], by: tester, at: noon)
        return control
    }

    @Test("a stream is kept as it was given, over a restart")
    func kept() async throws {
        try await make().close()
        let stream = try await home.open().deliveryStream("orders", in: "default")
        #expect(stream.destination == #"{"a":{"b":1}}"# && stream.arn == "arn:x" && stream.version == 1)
        #expect(stream.tags == [.init(key: "k", value: nil)])
        #expect(stream.createdAt == noon && stream.updatedAt == nil && stream.workspace == "default")
    }

    @Test("names are each workspace's own")
    func workspaces() async throws {
        let control = try await make()
        try await control.addWorkspace("acme", by: tester)
        #expect(
            await failure { _ = try await control.deliveryStream("orders", in: "acme") }?.kind == .notFound)
        try await control.addDeliveryStream(
            "orders", in: "acme", arn: "arn:y", destination: "{}", tags: [], by: tester)
        #expect(try await control.deliveryStreamNames() == ["default": ["orders"], "acme": ["orders"]])
        try await control.removeDeliveryStream("orders", in: "acme", by: tester)
        #expect(try await control.deliveryStreams(in: "default").map(\.arn) == ["arn:x"])
        let twice = await failure {
            try await control.addDeliveryStream(
                "orders", in: "default", arn: "z", destination: "{}", tags: [], by: tester)
        }
        #expect(twice?.kind == .usage)
    }

    @Test("of two changes that know the same version, one is made")
    func versions() async throws {
        let control = try await make()
        let results = await withTaskGroup(of: Failure?.self) { group in
            for number in 0..<8 {
                group.addTask {
                    await failure {
                        try await control.setDestination(
                            #"{"n":\#(number)}"#, ofDeliveryStream: "orders", in: "default", version: 1,
                            by: tester, at: noon)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { $0 == nil } == 1)
        #expect(results.compactMap { $0 }.allSatisfy { $0.kind == .refused })
        let stream = try await control.deliveryStream("orders", in: "default")
        #expect(stream.version == 2 && stream.updatedAt == noon)
    }

    @Test("tags are set, replaced in their place and removed")
    func tags() async throws {
        let control = try await make()
        try await control.tagDeliveryStream(
            "orders", in: "default", set: [.init(key: "l", value: "1"), .init(key: "k", value: "2")], most: 2)
        let tags = try await control.deliveryStream("orders", in: "default").tags
        #expect(tags == [.init(key: "k", value: "2"), .init(key: "l", value: "1")])
        let tooMany = await failure {
            try await control.tagDeliveryStream(
                "orders", in: "default", set: [.init(key: "m", value: "")], most: 2)
        }
        #expect(tooMany?.kind == .limit)
        try await control.tagDeliveryStream("orders", in: "default", remove: ["k"], most: 2)
        #expect(try await control.deliveryStream("orders", in: "default").tags.map(\.key) == ["l"])
    }
}
