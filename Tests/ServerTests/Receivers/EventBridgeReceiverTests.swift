import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

private let bounce =
    #"{"version":"0","id":"a","detail-type":"Email Bounced","source":"aws.ses","account":"123456789012","#
    + #""time":"2026-08-01T12:00:02Z","region":"eu-west-1","resources":[],"detail":{"eventType":"Bounce"}}"#
private let disabled =
    #"{"detail-type":"Sending Status Disabled","source":"aws.ses","account":"123456789012","#
    + #""time":"2026-08-01T12:44:28Z","region":"eu-west-1","detail":{"version":"1.0.0","data":{"origin":"AWS_MANAGED"}}}"#

@Suite("EventBridge delivers")
struct EventBridgeReceiverTests {
    private let world: ReceiverWorld
    private let receiver: EventBridgeReceiver
    private let key: String

    init() async throws {
        world = try await ReceiverWorld()
        receiver = EventBridgeReceiver(context: world.context)
        key = try await world.add("bus", .eventbridge(.init(authentication: .apiKey)))
    }

    private func send(
        _ body: String, to name: String = "bus", _ headers: [(String, String)]? = nil
    ) async throws -> ReceiverAnswer {
        let headers = headers ?? [("X-Api-Key", key)]
        return await receiver.receive(
            try post(name, body.utf8, headers: headers + [("Range", "bytes=0-1048575")]))
    }

    private func basic(_ user: String, _ password: String) -> [(String, String)] {
        [("Authorization", "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())]
    }

    @Test("an event, or an array of them, goes to the log as it is")
    func accepted() async throws {
        let answer = try await send(bounce)
        #expect(answer.status == .ok && answer.outcome == "accepted")
        let array = "[\(bounce), \(bounce)]"
        #expect(try await send(array).status == .ok)
        #expect(await world.sink.bodies == [bounce, array])
        #expect(await world.sink.kept.allSatisfy { $0.origin.isEmpty })
        #expect(try await world.status("bus")?.events == 3)
    }

    @Test("what is no JSON is kept too: the decoder lists it among the refused")
    func odd() async throws {
        #expect(try await send("plain words").status == .ok)
        #expect(await world.sink.bodies == ["plain words"])
        for empty in ["", " \n", "[]"] {
            #expect(try await send(empty).outcome == "unreadable")
        }
    }

    @Test("what SES says of the reputation is told apart, also among others")
    func reputation() async throws {
        _ = try await send(disabled)
        _ = try await send("[\(bounce),\(disabled)]")
        let kept = await world.sink.kept
        #expect(kept.map { $0.attribute("kind") } == ["reputation", nil, "reputation"])
        #expect(await world.sink.bodies == [disabled, bounce, disabled])
    }

    @Test("each source is opened by its own secret, in its own way")
    func authentication() async throws {
        let password = try await world.add("basic", .eventbridge(.init(authentication: .basic)))
        #expect(try await send(bounce, to: "basic", basic("basic", password)).status == .ok)
        let refused: [(String, [(String, String)], Int)] = [
            ("bus", [], 401), ("bus", [("X-Api-Key", "x")], 403), ("bus", [("X-Api-Key", password)], 403),
            ("bus", [("X-Api-Key", key), ("X-Api-Key", key)], 401), ("bus", basic("bus", key), 401),
            ("basic", [("X-Api-Key", password)], 401), ("basic", basic("basic", key), 403),
            ("basic", basic("bus", password), 401), ("basic", [("Authorization", "Basic !")], 401),
        ]
        for (name, headers, status) in refused {
            let answer = try await send(bounce, to: name, headers)
            #expect(answer.status.code == status && answer.outcome == "bad_key", "\(name) \(headers)")
        }
        #expect(await world.sink.kept.count == 1)
    }

    @Test("what cannot be stored is 503")
    func unstored() async throws {
        await world.sink.become(.overloaded)
        let answer = try await send(bounce)
        #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "7")
        await world.sink.become(.broken)
        #expect(try await send(bounce).outcome == "unstored")
    }

    @Test("the real log has it when the answer is OK")
    func realLog() async throws {
        let log = try await EventLog.open(world.home.appending(path: "log").path)
        var context = world.context
        context.sink = { _ in log }
        let request = try post("bus", disabled.utf8, headers: [("X-Api-Key", key)])
        #expect(await EventBridgeReceiver(context: context).receive(request).status == .ok)
        let read = try await log.makeReader().read(from: 0, maximumBytes: 10_000)
        #expect(read.map { $0.record.attribute("kind") } == ["reputation"])
        await log.close()
    }
}
