import AWSProtocols
import CCompression
import ControlPlane
import EventLog
import Foundation
import HTTPTypes
import Primitives
import Testing

@testable import Server

private let id = "ed4acda5-0000-4000-8000-000000000001"
private let streamARN = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/ses-events"

private func body(_ records: [String], id: String = id) -> [UInt8] {
    let list = records.map { #"{"data":"\#(Data($0.utf8).base64EncodedString())"}"# }.joined(separator: ",")
    return Array(#"{"requestId":"\#(id)","timestamp":1785585603000,"records":[\#(list)]}"#.utf8)
}

/// A body as gzip, by zlib.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    try #require(
        deflateInit2_(
            &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)) == Z_OK)
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    var input = bytes
    return try input.withUnsafeMutableBufferPointer { input in
        try output.withUnsafeMutableBufferPointer { output in
            (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
            (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
            try #require(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            return Array(output.prefix(output.count - Int(stream.avail_out)))
        }
    }
}

@Suite("Firehose delivers")
struct FirehoseReceiverTests {
    private let world: ReceiverWorld
    private let receiver: FirehoseReceiver
    private let key: String

    init() async throws {
        world = try await ReceiverWorld()
        receiver = FirehoseReceiver(context: world.context)
        key = try await world.add("stream", .firehose)
    }

    private func send(
        _ body: [UInt8], to name: String = "stream", key: String? = nil, id: String? = id,
        _ more: [(String, String)] = []
    ) async throws -> ReceiverAnswer {
        var headers = [
            ("X-Amz-Firehose-Protocol-Version", "1.0"), ("X-Amz-Firehose-Source-Arn", streamARN),
            ("Content-Type", "application/json"),
        ]
        if let id { headers.append(("X-Amz-Firehose-Request-Id", id)) }
        let key = key ?? self.key
        if !key.isEmpty { headers.append(("X-Amz-Firehose-Access-Key", key)) }
        return await receiver.receive(try post(name, body, headers: headers + more))
    }

    @Test("a delivery becomes one record, its events on lines, and is answered as Firehose wants")
    func accepted() async throws {
        let answer = try await send(
            body(["{\"a\":1}\n", "{\"b\":2}", "", "{\"c\":3}{\"d\":4}\n"]),
            [("X-Amz-Firehose-Common-Attributes", #"{"commonAttributes":{"env":"prod"}}"#)])
        #expect(answer.status == .ok && answer.records == 4)
        #expect(answer.headers[.contentType] == "application/json" && answer.headers[.contentEncoding] == nil)
        #expect(answer.text == #"{"requestId":"\#(id)","timestamp":1785585600000}"#)
        let record = try #require(await world.sink.kept.first)
        #expect(String(decoding: record.body, as: UTF8.self) == "{\"a\":1}\n{\"b\":2}\n{\"c\":3}{\"d\":4}\n")
        #expect(record.attribute("request_id") == id && record.attribute("stream") == "ses-events")
        #expect(record.attribute("region") == "eu-west-1" && record.attribute("account") == "123456789012")
        #expect(record.attribute("common.env") == "prod")
        #expect(try await world.status("stream")?.events == 4)
    }

    @Test("bytes that SES ended itself stay as they are")
    func unchanged() async throws {
        _ = try await send(body(["{\"a\":1}\n", "", "{\"b\":2}\n"]))
        #expect(await world.sink.bodies == ["{\"a\":1}\n{\"b\":2}\n"])
    }

    @Test("a delivery of empty records is taken and leaves nothing")
    func empty() async throws {
        #expect(try await send(body(["", ""])).status == .ok)
        #expect(await world.sink.kept.isEmpty)
    }

    @Test("gzip is unpacked, and the real log has it when the answer is OK")
    func gzipped() async throws {
        let log = try await EventLog.open(world.home.appending(path: "log").path)
        var context = world.context
        context.sink = { _ in log }
        let request = try post(
            "stream", try gzip(body(["{}\n"])),
            headers: [
                ("X-Amz-Firehose-Protocol-Version", "1.0"), ("X-Amz-Firehose-Request-Id", id),
                ("X-Amz-Firehose-Access-Key", key), ("Content-Encoding", "gzip"),
            ])
        #expect(await FirehoseReceiver(context: context).receive(request).status == .ok)
        let read = try await log.makeReader().read(from: 0, maximumBytes: 10_000)
        #expect(read.map(\.record.body) == [Array("{}\n".utf8)])
        await log.close()
    }

    @Test("without the key 401, with a wrong one 403, in Firehose's form")
    func keys() async throws {
        let other = try await world.add("other", .firehose)
        let missing = try await send(body(["x"]), key: "")
        #expect(missing.status == .unauthorized && missing.outcome == "bad_key")
        for wrong in [other, key + "x", String(key.dropLast()), "x"] {
            let answer = try await send(body(["x"]), key: wrong)
            #expect(answer.status == .forbidden && answer.outcome == "bad_key")
            #expect(answer.json("requestId") == .string(id) && answer.json("errorMessage") != nil)
        }
        let doubled = try await send(body(["x"]), [("X-Amz-Firehose-Access-Key", key)])
        #expect(doubled.status == .badRequest)
        #expect(await world.sink.kept.isEmpty)
    }

    @Test("a gzip bomb stops at 64 MiB and is refused, but never with 413, at which Firehose drops the batch")
    func bomb() async throws {
        let bomb = try gzip([UInt8](repeating: 0x20, count: (64 << 20) + 1))
        #expect(bomb.count < 1 << 20)
        let answer = try await send(bomb, [("Content-Encoding", "gzip")])
        #expect(answer.status == .badRequest && answer.outcome == "too_large")
        let plain = try await send([UInt8](repeating: 0x20, count: (64 << 20) + 1))
        #expect(plain.status == .badRequest && plain.outcome == "too_large")
        let stranger = try await send(bomb, key: "x", [("Content-Encoding", "gzip")])
        #expect(stranger.outcome == "bad_key", "who has no key makes us unpack nothing")
    }

    @Test("what Firehose would not send is 400 with words")
    func unreadable() async throws {
        let bad: [([UInt8], [(String, String)])] = [
            (Array("{".utf8), []), ([], []), (body([]), []), (body(["x"], id: "another"), []),
            (Array(#"{"requestId":"\#(id)","timestamp":1,"records":[{"data":"!"}]}"#.utf8), []),
            (body(["x"]), [("Content-Encoding", "gzip, gzip")]), (body(["x"]), [("Content-Encoding", "br")]),
            (Array(try gzip(body(["x"])).dropLast(9)), [("Content-Encoding", "gzip")]),
        ]
        for (body, headers) in bad {
            let answer = try await send(body, headers)
            #expect(answer.status == .badRequest && answer.outcome == "unreadable", "\(answer.text)")
            #expect(answer.json("errorMessage") != nil && answer.json("requestId") == .string(id))
        }
        let nameless = try await send(body(["x"]), id: nil)
        #expect(nameless.status == .badRequest && nameless.json("requestId") == .string(""))
        #expect(await world.sink.kept.isEmpty)
    }

    @Test("what cannot be stored is 503, for a full log and a broken disk alike")
    func unstored() async throws {
        await world.sink.become(.overloaded)
        let overloaded = try await send(body(["x"]))
        #expect(overloaded.status == .serviceUnavailable && overloaded.outcome == "overloaded")
        #expect(overloaded.headers[.retryAfter] == "7" && overloaded.json("errorMessage") != nil)
        await world.sink.become(.broken)
        #expect(try await send(body(["x"])).outcome == "unstored")
    }

    @Test("a source of another kind, or of a workspace without a log")
    func elsewhere() async throws {
        try await world.add("bridge", .eventbridge(.init()))
        #expect(try await send(body(["x"]), to: "bridge").status == .notFound)
        try await world.database.addWorkspace("acme", by: ReceiverWorld.actor)
        let key = try await world.add("acme", .firehose, workspace: "acme")
        world.pass(.seconds(2))
        #expect(try await send(body(["x"]), to: "acme", key: key).outcome == "unstored")
        #expect(await world.sink.kept.isEmpty, "no workspace's events go to another's log")
    }
}
