import Compression
import Foundation
import Primitives
import Testing
import TestSupport

@testable import Ingest

@Suite("A reader")
struct RecordReaderTests {
    private let folder = TemporaryFolder()

    private func records(of reader: RecordReader) throws -> [String] {
        var records: [String] = []
        while let block = try reader.next() {
            records += block.records.map { String(decoding: block.bytes(of: $0), as: UTF8.self) }
        }
        return records
    }

    @Test("gives the records of a file in blocks that stand alone")
    func blocks() throws {
        var generator = SeededGenerator(seed: 3)
        let lines = (0..<3_000).map { _ in randomObject(&generator).compact }
        let path = try folder.write("events.json", Array(lines.joined(separator: "\n").utf8))
        let limits = SplitLimits(recordBytes: 8_000)
        let reader = try RecordReader(.file(path), blockBytes: 16_000, limits: limits)
        var blocks: [RecordBlock] = []
        while let block = try reader.next() { blocks.append(block) }
        #expect(blocks.count > 10)
        var line = 0
        for block in blocks {
            for record in block.records {
                #expect(String(decoding: block.bytes(of: record), as: UTF8.self) == lines[line])
                #expect(record.streamOffset == block.streamOffset + record.offset)
                line += 1
                #expect(record.line == line)
            }
            let end = try #require(block.bytes.baseAddress) + block.bytes.count
            let padding = UnsafeRawBufferPointer(start: end, count: RecordBlock.padding)
            #expect(padding.allSatisfy { $0 == 0 })
        }
        #expect(line == lines.count)
    }

    @Test("hands out the records before the damage of a file that is cut off, and then the failure")
    func truncatedGzip() throws {
        let text = (0..<50_000).map { "{\"n\":\($0)}\n" }.joined()
        let path = try folder.write("plain", Array(text.utf8))
        try folder.run("gzip", "-k", path)
        let whole = try Data(contentsOf: URL(filePath: path + ".gz"))
        let cut = try folder.write("cut.gz", Array(whole.prefix(whole.count / 2)))
        #expect(try records(of: RecordReader(.file(path + ".gz"))).count == 50_000)
        let reader = try RecordReader(.file(cut))
        let block = try #require(try reader.next())
        #expect(block.records.count > 10_000)
        #expect(block.refusals == [])
        let failure = try #require(throws: Failure.self) { try reader.next() }
        #expect(failure.message.hasPrefix("\(cut) is cut off") == true)
        #expect(throws: failure) { try reader.next() }
    }

    @Test("reads over a line of 1 GB in bounded memory")
    func hugeLine() throws {
        var left = 1_000_000_000
        var isStarted = false
        var tail = Array("\"}\n{\"after\":1}\n".utf8)
        let input = Decompressor(name: "huge") { buffer in
            if !isStarted {
                isStarted = true
                let head = Array("{\"before\":1}\n{\"a\":\"".utf8)
                buffer.copyBytes(from: head)
                return head.count
            }
            if left > 0 {
                let count = min(left, buffer.count)
                if let room = buffer.baseAddress { memset(room, 0x78, count) }
                left -= count
                return count
            }
            defer { tail = [] }
            buffer.copyBytes(from: tail)
            return tail.count
        }
        let reader = RecordReader(input)
        let before = residentBytes()
        var records: [String] = []
        var refusals: [Refusal] = []
        while let block = try reader.next() {
            records += block.records.map { String(decoding: block.bytes(of: $0), as: UTF8.self) }
            refusals += block.refusals
        }
        #expect(records == ["{\"before\":1}", "{\"after\":1}"])
        #expect(refusals.map(\.length) == [1_000_000_008])
        #expect(refusals.map(\.bytes.count) == [64 << 10])
        #expect(refusals.map(\.line) == [2])
        #expect(refusals.map(\.reason) == [.tooLong(limit: 4 << 20)])
        // Other tests run beside this one and take memory, too, though far less than the line alone would.
        #expect(residentBytes() - before < 500_000_000)
    }

    @Test(
        "says what a file is that holds no JSON",
        arguments: [
            (Array("PAR1".utf8), "a Parquet file"), ([0x50, 0x4b, 3, 4, 0], "a ZIP archive"),
            ([0xff, 0xfe, 0x7b, 0], "UTF-16 text"),
        ] as [([UInt8], String)])
    func foreign(bytes: [UInt8], what: String) throws {
        let path = try folder.write("data", bytes)
        let reader = try RecordReader(.file(path))
        let failure = try #require(throws: Failure.self) { try reader.next() }
        #expect(failure.kind == .input)
        #expect(failure.message.hasPrefix("\(path) is \(what)") == true)
    }

    @Test("finds no records in an empty file")
    func empty() throws {
        #expect(try records(of: RecordReader(.file(folder.write("empty.json", [])))) == [])
    }

    @Test("can hand a line back that its parser could not read")
    func resplit() throws {
        let path = try folder.write(
            "events", Array("{\"a\":1}\n{\"b\":2}{\"c\":3} x\n{\"d\":4}{\"e\":5}\n{}\n".utf8))
        let block = try #require(try RecordReader(.file(path)).next())
        let line = try #require(block.records.first { !$0.isExact && $0.line == 3 })
        let inside = block.resplit(line)
        #expect(
            inside.records.map { String(decoding: block.bytes(of: $0), as: UTF8.self) } == [
                "{\"d\":4}", "{\"e\":5}",
            ])
        #expect(inside.records.map(\.line) == [3, 3])
        #expect(block.refusals.map(\.line) == [2])
    }

    private func residentBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = status.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
