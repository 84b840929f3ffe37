import Foundation
import Ingest
import NIOCore
import Primitives
import Testing

@testable import Pollers

@Suite("An object on the disk while it is read")
struct ObjectSpoolTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "spool-\(UUID().uuidString)")
        .path

    @Test(
        "has no name, gives what was written in pieces as blocks of whole records, and takes its room with it"
    )
    func blocks() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = try ObjectSpool(in: folder, name: "s3://b/k")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        let line = #"{"a":"\#(String(repeating: "x", count: 990))"}"# + "\n"
        var bytes = ByteBuffer(string: String(repeating: line, count: 10_000))
        while let piece = bytes.readSlice(length: min(70_001, bytes.readableBytes)), piece.readableBytes > 0 {
            try await spool.write(piece)
        }
        var (records, blocks) = (0, 0)
        while let block = try await spool.next() {
            (records, blocks) = (records + block.records.count, blocks + 1)
        }
        #expect(records == 10_000 && blocks > 1)
    }

    @Test("that is cut off gives what came before the cut, then the reason with the object's name")
    func damage() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spool = try ObjectSpool(in: folder, name: "s3://b/k")
        // The head of a gzip file.
        try await spool.write(ByteBuffer(bytes: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]))
        let error = await #expect(throws: Failure.self) { while try await spool.next() != nil {} }
        #expect(error?.kind == .input && error?.message.hasPrefix("s3://b/k is cut off") == true)
    }
}
